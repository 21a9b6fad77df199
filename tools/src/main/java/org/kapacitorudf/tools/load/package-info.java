/**
 * Generates load for any agent, and measures it.
 *
 * <p>Where to start: {@link org.kapacitorudf.tools.load.Bench} measures {@link org.kapacitorudf.tools.load.Subject}s
 * according to a {@link org.kapacitorudf.tools.load.LoadPlan}, and returns a
 * {@link org.kapacitorudf.tools.load.LoadReport}. The command {@code kapacitor-udf bench} runs it.
 *
 * <p>The load generator shares the machine with the agent, so it must be cheap: input is encoded once, and output is
 * counted, not decoded. The raw echo shows the best figures that an agent could reach.
 *
 * <pre>
 *   Traffic -> Pump -> Link -> agent -> Link -> FrameCounter
 * </pre>
 *
 * <p>May use: {@code org.kapacitorudf.client}.
 */
@NullMarked
package org.kapacitorudf.tools.load;

import org.jspecify.annotations.NullMarked;
