/** The mathematics of {@code baseline}: how far a value is from what is usual at this hour of the day or the week. No type of Kapacitor. */
package org.kapacitorudf.functions.baseline;
