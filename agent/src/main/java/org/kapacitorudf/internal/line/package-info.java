/**
 * Text formats: InfluxDB's line protocol, and TICKscript's durations, names and options. Not API: it may change at any
 * time.
 *
 * <p>Where to start: {@link org.kapacitorudf.internal.line.LineReader} and
 * {@link org.kapacitorudf.internal.line.LineWriter}.
 *
 * <p>May use: {@code internal.wire}.
 */
@NullMarked
package org.kapacitorudf.internal.line;

import org.jspecify.annotations.NullMarked;
