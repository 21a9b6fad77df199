/**
 * One conversation with Kapacitor. Not API.
 *
 * <p>Where to start: {@link org.kapacitorudf.session.AgentRuntime#install} has the pipeline, {@code Session} the life of a connection, {@code Lane} where a handler's
 * calls run, {@code HandlerCalls} what they are, {@code Timers} which of them come by time, {@code OutputPort} what comes out.
 */
package org.kapacitorudf.session;
