/**
 * The API for writing functions.
 *
 * <p>Where to start: implement {@link org.kapacitorudf.Udf}, whose {@link org.kapacitorudf.Handler} does the work on
 * {@link org.kapacitorudf.Point}s. {@link org.kapacitorudf.Description} declares the function's name and options,
 * {@link org.kapacitorudf.Context} provides options, state and timers, and {@link org.kapacitorudf.Handlers} collects
 * batches.
 * <ul>
 * <li>{@code org.kapacitorudf.option}: the options of a function
 * <li>{@code org.kapacitorudf.state}: the state of a function
 * <li>{@code org.kapacitorudf.errors}: the exceptions of a function, and the failure policies
 * <li>{@code org.kapacitorudf.embed}: runs functions in your own program
 * </ul>
 *
 * <p>Values ({@code Point}, {@code Batch}, {@code Fields}, {@code Description}, options) are immutable and may be kept.
 * No parameter and no result is null.
 *
 * <p>May use: {@code agent}, {@code errors}, {@code option}, {@code state}, {@code internal.line},
 * {@code internal.wire}. This package must use neither Netty nor protobuf.
 */
@NullMarked
package org.kapacitorudf;

import org.jspecify.annotations.NullMarked;
