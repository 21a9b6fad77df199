/** The mathematics of {@code topK}: counters for the items that come most often. No type of Kapacitor. */
package org.kapacitorudf.functions.top;
