/**
 * Text formats: InfluxDB's line protocol, what TICKscript takes for a name, and the options it gives. Not API: it may
 * change at any time.
 *
 * <p>Where to start: {@link org.kapacitorudf.internal.line.LineReader} and
 * {@link org.kapacitorudf.internal.line.LineWriter}.
 *
 * <p>May use: {@code internal.wire}.
 */
package org.kapacitorudf.internal.line;
