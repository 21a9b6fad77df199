/**
 * What a function is written with.
 *
 * <p>Where to start: {@link org.kapacitorudf.Udf} is the class to write, {@link org.kapacitorudf.Handler} does the
 * work, and {@link org.kapacitorudf.Point} is what it works on. {@link org.kapacitorudf.Description} says how
 * TICKscripts call the function, {@link org.kapacitorudf.Context} gives options, state and timers,
 * {@link org.kapacitorudf.Handlers} collects batches.
 * <ul>
 *   <li>{@code org.kapacitorudf.option}: the options of a function
 *   <li>{@code org.kapacitorudf.state}: what a function remembers
 *   <li>{@code org.kapacitorudf.errors}: what a function throws, and what happens then
 *   <li>{@code org.kapacitorudf.embed}: runs functions in a program of your own
 * </ul>
 *
 * <p>Values ({@code Point}, {@code Batch}, {@code Fields}, {@code Description}, options) never change and may be kept.
 * No parameter and no result is null.
 *
 * <p>May use: {@code agent}, {@code errors}, {@code option}, {@code state}, {@code internal.line},
 * {@code internal.wire}. Neither Netty nor protobuf.
 */
@NullMarked
package org.kapacitorudf;

import org.jspecify.annotations.NullMarked;
