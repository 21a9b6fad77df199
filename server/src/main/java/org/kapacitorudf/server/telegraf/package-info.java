/**
 * Runs a function as a Telegraf processor: {@code [[processors.execd]]} starts it, writes metrics to its STDIN, and
 * reads the results from its STDOUT.
 *
 * <p>Where to start: {@link org.kapacitorudf.server.telegraf.Processor}.
 */
@NullMarked
package org.kapacitorudf.server.telegraf;

import org.jspecify.annotations.NullMarked;
