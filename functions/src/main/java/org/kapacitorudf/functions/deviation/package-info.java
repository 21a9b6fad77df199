/** The mathematics of {@code deviation}: how far a value is from the recent past. No type of Kapacitor. */
package org.kapacitorudf.functions.deviation;
