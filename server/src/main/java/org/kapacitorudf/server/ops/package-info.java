/**
 * What operators see of a server: metrics, health and a status page over HTTP, and what systemd is told. Nothing of it
 * is loaded unless it is asked for.
 *
 * <p>Where to start: {@link org.kapacitorudf.server.ops.OpsServer} has the pages; {@code ConnectionStatistics} keeps
 * what they show, {@code Health} says whether all is well, {@link org.kapacitorudf.server.ops.SdNotify} talks to
 * systemd.
 *
 * <p>May use: {@code tasks}, {@code logging}, Netty's HTTP codec, Micrometer.
 */
package org.kapacitorudf.server.ops;
