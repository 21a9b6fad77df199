/**
 * Functions that people run: {@link org.kapacitorudf.examples.Mirror}, {@link org.kapacitorudf.examples.MovingAverage} and
 * {@link org.kapacitorudf.examples.Outliers}.
 *
 * <p>Where to start: {@code Mirror} is the smallest function there is, {@code MovingAverage} has options and state, {@code Outliers} takes whole batches. Each
 * is found through {@code META-INF/services/org.kapacitorudf.Udf}, and its TICKscript lies beside it as a resource, {@code NAME.tick}.
 */
package org.kapacitorudf.examples;
