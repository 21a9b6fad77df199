/**
 * Text formats: InfluxDB's line protocol, and what TICKscript takes for a name. Not API: it may change at any time.
 *
 * <p>Where to start: {@link org.kapacitorudf.internal.line.LineFormatter}.
 *
 * <p>May use: nothing of ours.
 */
package org.kapacitorudf.internal.line;
