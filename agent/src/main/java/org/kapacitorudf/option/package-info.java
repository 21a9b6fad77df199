/**
 * The options of a function. They are declared with types and bounds, and are parsed and checked before the handler is
 * created.
 *
 * <p>Where to start: {@link org.kapacitorudf.option.Option} declares an option.
 * {@link org.kapacitorudf.option.OptionValues} holds the values for one node of one task.
 *
 * <pre>{@code
 * static final Option<Long> SIZE = Option.integer("size").required().atLeast(1).help("points per window");
 * }</pre>
 *
 * <p>May use: {@code errors}, {@code internal.line}.
 */
@NullMarked
package org.kapacitorudf.option;

import org.jspecify.annotations.NullMarked;
