/**
 * The settings of an agent or server, and views of its connections.
 *
 * <p>Where to start: {@link org.kapacitorudf.agent.AgentConfig} has all limits and policies with their defaults.
 * {@link org.kapacitorudf.agent.Connection} shows one connection to Kapacitor, for metrics and status pages.
 *
 * <p>May use: {@code errors}. Use {@code org.kapacitorudf.embed} to run an agent with these settings.
 */
@NullMarked
package org.kapacitorudf.agent;

import org.jspecify.annotations.NullMarked;
