/**
 * Hosts functions for Kapacitor: one on STDIN and STDOUT, or several on sockets.
 *
 * <p>Where to start: {@code ProcessHost} implements {@code run}, {@code SocketHost} implements {@code serve}.
 *
 * <p>May use: {@code options}, {@code ops}, {@code tasks}, {@code plugin}, {@code install}, {@code terminal},
 * {@code logging}.
 */
@NullMarked
package org.kapacitorudf.server.serve;

import org.jspecify.annotations.NullMarked;
