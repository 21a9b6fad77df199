/**
 * The output side of a connection: validates and encodes what a handler emits, and applies back-pressure. Not API: it
 * may change at any time.
 *
 * <p>Where to start: {@link org.kapacitorudf.internal.output.OutputPort}. The emitting thread also encodes the data. If
 * data violates a rule, the call that emits it therefore throws an exception, before any byte is sent. Encoded chunks
 * enter the pipeline through {@code ChunkOutlet}.
 *
 * <p>May use: the API, {@code internal.host}, {@code internal.codec}, {@code internal.channel}, {@code internal.wire},
 * Netty.
 */
@NullMarked
package org.kapacitorudf.internal.output;

import org.jspecify.annotations.NullMarked;
