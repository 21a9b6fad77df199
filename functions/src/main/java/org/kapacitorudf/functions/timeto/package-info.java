/** The mathematics of {@code timeTo}: a straight line through the recent past that outliers do not move. No type of Kapacitor. */
package org.kapacitorudf.functions.timeto;
