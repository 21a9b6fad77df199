/**
 * Where the program and its sockets are, and what Kapacitor has to be told of that.
 *
 * <p>Where to start: {@code Installation} knows the launcher and the version, {@code SocketPaths} which function is
 * served on which socket, {@code KapacitorConf} writes the part of {@code kapacitor.conf}.
 *
 * <p>May use: {@code plugin}, {@code terminal}.
 */
package org.kapacitorudf.server.install;
