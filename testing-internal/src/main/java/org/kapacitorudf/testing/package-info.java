/**
 * Small agents that the tests of several modules share.
 *
 * <p>Where to start: {@link org.kapacitorudf.testing.AgentSide} is the agent's end of a connection, for agents of a few
 * lines. {@link org.kapacitorudf.testing.SocketAgent} runs an agent on a socket,
 * {@link org.kapacitorudf.testing.TinyAgent} in a process.
 *
 * <p>May use: {@code org.kapacitorudf.proto}. This module is never published.
 */
package org.kapacitorudf.testing;
