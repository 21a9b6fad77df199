/**
 * The way out of a connection: checks what a handler emits, encodes it, and waits until Kapacitor reads. Not API: it
 * may change at any time.
 *
 * <p>Where to start: {@link org.kapacitorudf.internal.output.OutputPort}. The thread that emits also encodes, so a
 * broken rule is an exception in the call that broke it, before a byte leaves. {@code ChunkOutlet} is where the
 * encoded chunks enter the pipeline.
 *
 * <p>May use: the API, {@code internal.host}, {@code internal.codec}, {@code internal.channel}, {@code internal.wire},
 * Netty.
 */
package org.kapacitorudf.internal.output;
