/**
 * The paths of the program and its sockets, and the sections for the configuration files of Kapacitor and Telegraf.
 *
 * <p>Where to start: {@code Installation} has the launcher and the version, {@code SocketPaths} assigns sockets to
 * functions, and {@code KapacitorConf} writes the sections for {@code kapacitor.conf}.
 *
 * <p>May use: {@code plugin}, {@code terminal}.
 */
@NullMarked
package org.kapacitorudf.server.install;

import org.jspecify.annotations.NullMarked;
