/**
 * One handler: it is made, called, saved, restored, replaced and stopped here. Not API: it may change at any time.
 *
 * <p>Where to start: {@link org.kapacitorudf.internal.host.HandlerInvoker} makes the calls, and decides what an
 * exception does. {@code HandlerInstance} is one handler with its state, its timers and its output. {@code Timers}
 * knows which call comes by time, {@code Snapshots} saves state while the handler goes on, {@code CallTracker} knows
 * how long a call takes.
 *
 * <p>May use: the API, {@code internal.snapshot}, {@code internal.process}, {@code internal.wire}. Neither Netty nor
 * protobuf nor {@code internal.codec}: requests and answers are plain values here, {@code Work} and {@code Answer}.
 */
package org.kapacitorudf.internal.host;
