/**
 * A session with Kapacitor. Not API: it may change at any time.
 *
 * <p>Where to start: {@link org.kapacitorudf.internal.session.AgentRuntime#install} creates the pipeline of a
 * connection. {@link org.kapacitorudf.internal.session.Session} handles messages, keepalives, back-pressure and
 * shutdown. {@code Workers} provides the threads that run handlers, and {@code HandlerExecutor} queues the work of one
 * handler for these threads.
 *
 * <p>May use: all other internal packages except {@code snapshot} and {@code line}, the API, Netty, protobuf.
 */
@NullMarked
package org.kapacitorudf.internal.session;

import org.jspecify.annotations.NullMarked;
