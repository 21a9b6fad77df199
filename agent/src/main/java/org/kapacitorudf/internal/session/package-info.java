/**
 * A session with Kapacitor. Not API: it may change at any time.
 *
 * <p>Where to start: {@link org.kapacitorudf.internal.session.AgentRuntime#install} has the pipeline of a connection.
 * Then {@link org.kapacitorudf.internal.session.Session}: messages, keepalives, back-pressure and shutdown.
 * {@code Workers} has the threads that run handlers, and {@code HandlerExecutor} queues the work of one handler for
 * them.
 *
 * <p>May use: all other internal packages except {@code snapshot} and {@code line}, the API, Netty, protobuf.
 */
@NullMarked
package org.kapacitorudf.internal.session;

import org.jspecify.annotations.NullMarked;
