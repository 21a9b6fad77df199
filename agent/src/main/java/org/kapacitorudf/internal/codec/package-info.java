/**
 * Bytes to requests, responses to bytes. Not API: it may change at any time.
 *
 * <p>Where to start: {@link org.kapacitorudf.internal.codec.FrameDecoder} and
 * {@link org.kapacitorudf.internal.codec.RequestDecoder} stand in a channel's pipeline in this order;
 * {@link org.kapacitorudf.internal.codec.Requests} is the work of the latter without Netty.
 * {@link org.kapacitorudf.internal.codec.ResponseEncoder} encodes responses,
 * {@link org.kapacitorudf.internal.codec.LengthPrepender} puts its length before each answer.
 *
 * <pre>
 *   BEFORE                02 0A 00 | E5 01 8A 01 E1 01 .. | 05 92 01 02 0A ..       bytes, cut anywhere
 *   after FrameDecoder    [0A 00]  | [8A 01 E1 01 ..]     | ...                     one byte[] for each message
 *   AFTER RequestDecoder  Info     | Point                | ...                     what a session understands
 * </pre>
 *
 * <p>The bytes of a point are copied once on the way in, from the buffer of the read into the array in which the point
 * lives, and once on the way out.
 *
 * <p>May use: the API, {@code internal.wire}, Netty's buffers and codecs, protobuf.
 */
@NullMarked
package org.kapacitorudf.internal.codec;

import org.jspecify.annotations.NullMarked;
