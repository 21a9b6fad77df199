/**
 * Logging to STDERR through SLF4J and Logback. Nothing of Logback is loaded before the first line is written.
 *
 * <p>Where to start: {@link org.kapacitorudf.server.logging.Logging}. A process UDF has 0.6 s from its start to its
 * answer to {@code Info}. Setting Logback up took a good part of that, and an ordinary run logs nothing before the
 * answer.
 *
 * <p>May use: nothing of the program.
 */
package org.kapacitorudf.server.logging;
