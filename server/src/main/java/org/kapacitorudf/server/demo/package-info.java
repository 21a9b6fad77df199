/**
 * {@code kapacitor-udf demo}: sends a day of temperatures to {@code movingAvg} and {@code outliers}, with the stand-in
 * for Kapacitor.
 *
 * <p>Where to start: {@link org.kapacitorudf.server.demo.Demo}. {@code Day} is the input, and {@code DayChart} draws it
 * with its means.
 *
 * <p>May use: {@code org.kapacitorudf.client}.
 */
@NullMarked
package org.kapacitorudf.server.demo;

import org.jspecify.annotations.NullMarked;
