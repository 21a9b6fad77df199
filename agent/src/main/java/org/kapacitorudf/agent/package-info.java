/**
 * The settings of an agent, and what can be seen of its connections.
 *
 * <p>Where to start: {@link org.kapacitorudf.agent.AgentConfig} has all limits and policies, with their defaults.
 * {@link org.kapacitorudf.agent.Connection} shows one connection to Kapacitor, for metrics and status pages.
 *
 * <p>May use: {@code errors}. What runs an agent with these settings is in {@code org.kapacitorudf.embed}.
 */
@NullMarked
package org.kapacitorudf.agent;

import org.jspecify.annotations.NullMarked;
