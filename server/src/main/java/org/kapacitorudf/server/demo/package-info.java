/**
 * {@code kapacitor-udf demo}: a day of temperatures through {@code movingAvg} and {@code outliers}, with the stand-in
 * for Kapacitor.
 *
 * <p>Where to start: {@link org.kapacitorudf.server.demo.Demo}. {@code Day} is the input, {@code DayChart} draws it.
 *
 * <p>May use: {@code org.kapacitorudf.client}.
 */
@NullMarked
package org.kapacitorudf.server.demo;

import org.jspecify.annotations.NullMarked;
