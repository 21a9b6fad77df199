/**
 * Bytes to requests, responses to bytes. Not API: it may change at any time.
 *
 * <p>Where to start: {@link org.kapacitorudf.codec.FrameDecoder} and {@link org.kapacitorudf.codec.RequestDecoder} stand in a channel's pipeline in this order;
 * {@link org.kapacitorudf.codec.Requests} is the latter's work without Netty. {@link org.kapacitorudf.codec.ResponseEncoder} encodes responses,
 * {@link org.kapacitorudf.codec.LengthPrepender} puts its length before each answer.
 *
 * <pre>
 *   BEFORE                02 0A 00 | E5 01 8A 01 E1 01 .. | 05 92 01 02 0A ..       bytes, cut anywhere
 *   after FrameDecoder    [0A 00]  | [8A 01 E1 01 ..]     | ...                     one byte[] for each message
 *   AFTER RequestDecoder  Info     | Point                | ...                     what a session understands
 * </pre>
 *
 * <p>A point's bytes are copied once on the way in, from the buffer of the read into the array in which the point lives, and once on the way out.
 */
package org.kapacitorudf.codec;
