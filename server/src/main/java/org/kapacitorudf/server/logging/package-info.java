/**
 * Logging to STDERR through SLF4J and Logback. Logback is not loaded before the first line is written.
 *
 * <p>Where to start: {@link org.kapacitorudf.server.logging.Logging}. Kapacitor waits for the start of a process UDF,
 * and Kapacitor's own tests allow about 0.6 s. Configuring Logback took a considerable part of this time, although an
 * ordinary run logs nothing before the answer to {@code Info}.
 *
 * <p>May use: no other package of the program.
 */
@NullMarked
package org.kapacitorudf.server.logging;

import org.jspecify.annotations.NullMarked;
