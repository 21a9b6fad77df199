/**
 * Kapacitor's side of the protocol: what a test, a demo or a benchmark puts in Kapacitor's place.
 *
 * <p>Where to start:
 * <ul>
 *   <li>{@link org.kapacitorudf.client.Kapacitor}: one use of one function, over a Unix socket or a child process;
 *       strict where Kapacitor would die
 *   <li>{@link org.kapacitorudf.client.Points}: the points and batches to send, written as line protocol
 *   <li>{@link org.kapacitorudf.client.LineProtocol}: line protocol
 *   <li>{@link org.kapacitorudf.client.RawKapacitor}: sends exactly the bytes that it is told to send, wrong ones
 *       included
 *   <li>{@link org.kapacitorudf.client.Ping}: asks an agent what it is
 * </ul>
 *
 * <p>Nothing here uses the agent's codec. The client speaks the protocol on its own, with the JDK's channels and the
 * classes that protoc generates, so that agent and client check each other. It needs no test framework.
 *
 * <p>May use: {@code org.kapacitorudf.proto}, the JDK.
 */
package org.kapacitorudf.client;
