/**
 * What the author of a function tests with.
 *
 * <p>Where to start: {@link org.kapacitorudf.testkit.UdfDriver} drives one function in the thread of its test, in
 * virtual time, without Kapacitor and without a socket. {@code org.kapacitorudf.testkit.junit} serves a function on a
 * real socket. The stand-in for Kapacitor, {@link org.kapacitorudf.client.Kapacitor}, and the points to send are in
 * {@code org.kapacitorudf.client}.
 *
 * <p>The driver has a whole agent in it, and talks with it in bytes. It needs no test framework.
 *
 * <p>May use: the API of the agent, {@code org.kapacitorudf.client}; the driver alone also the agent's internal
 * packages.
 */
package org.kapacitorudf.testkit;
