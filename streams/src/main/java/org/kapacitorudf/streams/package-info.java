/**
 * Functions on Kafka Streams.
 *
 * <p>Where to start: {@link org.kapacitorudf.streams.UdfTopology} puts a function into an application.
 *
 * <pre>
 *   input topics --&gt; LineProcessor --&gt; repartition topic, by group --&gt; HandlerProcessor --&gt; output topic
 *                         \                                             | one handler for each partition,
 *                          \--&gt; dead letters &lt;---------------------------/ its state in a store with a changelog
 * </pre>
 */
@NullMarked
package org.kapacitorudf.streams;

import org.jspecify.annotations.NullMarked;
