/**
 * What whoever runs a server sees of it: metrics, health and a status page over HTTP, and what systemd is told. Nothing of it is loaded unless it is asked for.
 *
 * <p>Where to start: {@link org.kapacitorudf.server.ops.OpsServer} has the pages; {@code ConnectionBook} keeps what they show, {@code Health} says whether all is
 * well, {@link org.kapacitorudf.server.ops.SdNotify} talks to systemd.
 */
package org.kapacitorudf.server.ops;
