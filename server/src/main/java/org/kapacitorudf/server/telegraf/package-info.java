/**
 * A function as a processor of Telegraf: {@code [[processors.execd]]} starts it, writes metrics to its STDIN, and reads what comes back from its STDOUT.
 *
 * <p>Where to start: {@link org.kapacitorudf.server.telegraf.Processor}.
 */
package org.kapacitorudf.server.telegraf;
