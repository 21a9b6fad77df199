/**
 * Test support for authors of functions.
 *
 * <p>Where to start: {@link org.kapacitorudf.testkit.UdfDriver} drives one function in the test's thread, in virtual
 * time, without Kapacitor and without a socket. {@code org.kapacitorudf.testkit.junit} serves a function on a real
 * socket. The stand-in for Kapacitor, {@link org.kapacitorudf.client.Kapacitor}, and the points to send are in
 * {@code org.kapacitorudf.client}.
 *
 * <p>The driver contains a complete agent and exchanges encoded messages with it. The driver needs no test framework.
 *
 * <p>May use: the API of the agent, {@code org.kapacitorudf.client}; the driver also uses the agent's internal
 * packages.
 */
@NullMarked
package org.kapacitorudf.testkit;

import org.jspecify.annotations.NullMarked;
