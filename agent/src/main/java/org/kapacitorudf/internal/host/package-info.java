/**
 * Hosts one handler: creates, calls, saves, restores, replaces and stops it. Not API: it may change at any time.
 *
 * <p>Where to start: {@link org.kapacitorudf.internal.host.HandlerInvoker} makes the calls, and decides what follows
 * from exceptions. {@code HandlerInstance} is one handler with its state, its timers and its output. {@code Timers}
 * decides which timer runs next, {@code Snapshots} saves state while the handler keeps running, and {@code CallTracker}
 * measures calls.
 *
 * <p>May use: the API, {@code internal.snapshot}, {@code internal.process}, {@code internal.wire}. This package must
 * not use Netty, protobuf or {@code internal.codec}: requests and answers are plain values here, {@code Work} and
 * {@code Answer}.
 */
@NullMarked
package org.kapacitorudf.internal.host;

import org.jspecify.annotations.NullMarked;
