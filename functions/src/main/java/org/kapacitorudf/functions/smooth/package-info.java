/** The mathematics of {@code smooth}: filters that keep the signal of a series and remove the noise. No type of Kapacitor. */
package org.kapacitorudf.functions.smooth;
