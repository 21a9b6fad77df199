/**
 * The options of a function, as TICKscripts give them: declared with their types and bounds, parsed and checked before
 * the handler is made.
 *
 * <p>Where to start: {@link org.kapacitorudf.option.Option} declares one. {@link org.kapacitorudf.option.OptionValues}
 * has the values that one node of one task gave.
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
