/**
 * Hosts functions for Kapacitor: one on STDIN and STDOUT, or several on sockets.
 *
 * <p>Where to start: {@code ProcessHost} is what {@code run} runs, {@code SocketHost} what {@code serve} runs.
 *
 * <p>May use: {@code options}, {@code ops}, {@code tasks}, {@code plugin}, {@code install}, {@code terminal},
 * {@code logging}.
 */
package org.kapacitorudf.server.serve;
