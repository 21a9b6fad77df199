/**
 * The other end of the wire: what a test, a demo or a benchmark puts in Kapacitor's place.
 *
 * <p>Where to start:
 *
 * <ul>
 *   <li>{@link org.kapacitorudf.testkit.UdfDriver}: one function in the thread of its test; this is what the author of a
 *       function needs
 *   <li>{@link org.kapacitorudf.testkit.Kapacitor}: one use of one function, over a Unix socket or a child process;
 *       strict where Kapacitor would die
 *   <li>{@link org.kapacitorudf.testkit.Points}: the points and batches to send, written as line protocol
 *   <li>{@link org.kapacitorudf.testkit.LineReader}: line protocol, however much of it
 *   <li>{@link org.kapacitorudf.testkit.Recording}: conversations of a real Kapacitor, to be had again with another
 *       agent
 * </ul>
 *
 * <p>Nothing here uses the agent's codec; the driver has a whole agent in it, and talks with it in bytes. The kit speaks
 * the protocol on its own, with the JDK's channels and the classes that protoc generates, so that the two check each
 * other. It needs no test framework.
 */
package org.kapacitorudf.testkit;
