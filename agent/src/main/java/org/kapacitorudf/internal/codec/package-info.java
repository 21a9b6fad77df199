/**
 * Decodes requests and encodes responses. Not API: it may change at any time.
 *
 * <p>Where to start: {@link org.kapacitorudf.internal.codec.FrameDecoder} and
 * {@link org.kapacitorudf.internal.codec.RequestDecoder} are in a channel's pipeline, in this order;
 * {@link org.kapacitorudf.internal.codec.Requests} decodes without Netty.
 * {@link org.kapacitorudf.internal.codec.ResponseEncoder} encodes responses, and
 * {@link org.kapacitorudf.internal.codec.LengthPrepender} prepends the message length to each answer.
 *
 * <pre>
 *   BEFORE                02 0A 00 | E5 01 8A 01 E1 01 .. | 05 92 01 02 0A ..       bytes, cut anywhere
 *   after FrameDecoder    [0A 00]  | [8A 01 E1 01 ..]     | ...                     one byte[] for each message
 *   AFTER RequestDecoder  Info     | Point                | ...                     for the session
 * </pre>
 *
 * <p>The bytes of a point are copied once on input, from the read buffer into the point's array, and once on output.
 *
 * <p>May use: the API, {@code internal.wire}, Netty's buffers and codecs, protobuf.
 */
@NullMarked
package org.kapacitorudf.internal.codec;

import org.jspecify.annotations.NullMarked;
