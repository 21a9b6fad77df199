/**
 * The API: what a function is made of.
 *
 * <p>Where to start: {@link org.kapacitorudf.Udf} is what one writes, {@link org.kapacitorudf.Handler} does the work, and {@link org.kapacitorudf.Point} is what it
 * works on. Then {@link org.kapacitorudf.Description} and {@link org.kapacitorudf.Option} for how TICKscripts call it, {@link org.kapacitorudf.Context} for state and
 * time, {@link org.kapacitorudf.Handlers} for batches as values.
 *
 * <p>Values ({@code Point}, {@code Batch}, {@code Fields}, {@code Description}, options) never change and may be kept for ever. Nothing here is null.
 */
package org.kapacitorudf;
