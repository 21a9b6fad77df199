/**
 * Logging to STDERR through SLF4J and Logback. Logback is not loaded before the first line is written.
 *
 * <p>Where to start: {@link org.kapacitorudf.server.logging.Logging}. A process UDF has 0.6 s from its start to its
 * answer to {@code Info}. Configuring Logback took a considerable part of that, and an ordinary run logs nothing before
 * the answer.
 *
 * <p>May use: no other package of the program.
 */
@NullMarked
package org.kapacitorudf.server.logging;

import org.jspecify.annotations.NullMarked;
