/**
 * Generates load for any agent, and measures it.
 *
 * <p>Where to start: {@link org.kapacitorudf.tools.load.Bench} measures {@link org.kapacitorudf.tools.load.Subject}s
 * as a {@link org.kapacitorudf.tools.load.LoadPlan} says, and gives a {@link org.kapacitorudf.tools.load.LoadReport}.
 * The command {@code kapacitor-udf bench} runs it.
 *
 * <p>The load shares the machine with the agent, so it has to be cheap: what is sent is encoded once, and what comes
 * back is counted, not decoded. The raw echo beside each figure shows how far it can go.
 *
 * <pre>
 *   Traffic -> Pump -> Link -> agent -> Link -> FrameCounter
 * </pre>
 *
 * <p>May use: {@code org.kapacitorudf.client}.
 */
package org.kapacitorudf.tools.load;
