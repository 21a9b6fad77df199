/**
 * Runs functions in your own program: {@link org.kapacitorudf.embed.UdfAgent} on STDIN and STDOUT for a process that
 * Kapacitor starts, {@link org.kapacitorudf.embed.UdfServer} on Unix sockets for a server that Kapacitor connects to.
 *
 * <pre>{@code
 * UdfAgent.stdio(new MovingAverage()).run();
 *
 * UdfServer.builder().function(new MovingAverage(), Path.of("/run/udf/movingAvg.sock")).build().start();
 * }</pre>
 *
 * <p>{@link org.kapacitorudf.embed.ConnectionListener} is notified when a connection opens, starts and ends.
 * {@link org.kapacitorudf.agent.Ending} is the way in which a connection ended.
 *
 * <p>May use: the API, {@code internal.session}, {@code internal.host}, {@code internal.channel}, Netty.
 */
@NullMarked
package org.kapacitorudf.embed;

import org.jspecify.annotations.NullMarked;
