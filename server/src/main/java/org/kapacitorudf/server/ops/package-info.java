/**
 * Monitoring of a server: metrics, health and a status page over HTTP, and notifications for systemd. Its classes are
 * not loaded unless monitoring is configured.
 *
 * <p>Where to start: {@link org.kapacitorudf.server.ops.OpsServer} has the pages, which
 * {@link org.kapacitorudf.server.ops.PageServer} serves; {@code NodeStatistics} holds the data, {@code Health} checks
 * the server, and {@link org.kapacitorudf.server.ops.SdNotify} notifies systemd.
 *
 * <p>May use: {@code tasks}, {@code logging}, Netty's HTTP codec, Micrometer.
 */
@NullMarked
package org.kapacitorudf.server.ops;

import org.jspecify.annotations.NullMarked;
