/**
 * The main job, visibly: a day of temperatures through {@code movingAvg} and {@code outliers}, with the testkit's stand-in in Kapacitor's place.
 *
 * <p>Where to start: {@link org.kapacitorudf.server.demo.Demo}. {@code Day} is what is sent, {@code Chart} how it is shown.
 */
package org.kapacitorudf.server.demo;
