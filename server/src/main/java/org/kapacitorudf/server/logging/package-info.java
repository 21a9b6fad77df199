/**
 * Logging to STDERR: SLF4J in front, logback behind it, and nothing of logback loaded before the first line is written.
 *
 * <p>Where to start: {@link org.kapacitorudf.server.logging.Logging}. A process UDF has 0.6 s from its start to its answer to {@code Info}; setting logback up
 * took a good part of that, and an ordinary run logs nothing on the way.
 */
package org.kapacitorudf.server.logging;
