/**
 * Runs functions: {@link org.kapacitorudf.embed.UdfAgent} on STDIN and STDOUT for a process that Kapacitor starts, {@link org.kapacitorudf.embed.UdfServer}
 * behind Unix sockets for one that Kapacitor connects to.
 *
 * <pre>{@code
 * UdfAgent.stdio(new MovingAverage()).run();
 *
 * UdfServer.builder().function(new MovingAverage(), Path.of("/run/udf/movingAvg.sock")).build().start();
 * }</pre>
 */
package org.kapacitorudf.embed;
