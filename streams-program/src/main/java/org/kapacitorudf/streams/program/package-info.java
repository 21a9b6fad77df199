/**
 * The program {@code kapacitor-udf-streams}: a function on Kafka Streams from the command line.
 *
 * <p>Where to start: {@link org.kapacitorudf.streams.program.Main}; {@code StreamsCommand} has the options.
 */
@NullMarked
package org.kapacitorudf.streams.program;

import org.jspecify.annotations.NullMarked;
