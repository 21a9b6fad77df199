/**
 * A session with Kapacitor. Not API: it may change at any time.
 *
 * <p>Where to start: {@link org.kapacitorudf.internal.session.AgentRuntime#install} creates the pipeline of a
 * connection. {@link org.kapacitorudf.internal.session.Session} handles messages, keepalives, back-pressure and
 * shutdown. {@code HandlerExecutor} queues the work of one handler, {@code WorkerPool} has the threads that run it, and
 * {@code Workers} watches them.
 *
 * <p>May use: all other internal packages except {@code snapshot} and {@code line}, the API, Netty, protobuf.
 */
@NullMarked
package org.kapacitorudf.internal.session;

import org.jspecify.annotations.NullMarked;
