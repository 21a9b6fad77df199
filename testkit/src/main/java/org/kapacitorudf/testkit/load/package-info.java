/**
 * Load for an agent, and what it is measured by.
 *
 * <p>Where to start: {@link org.kapacitorudf.testkit.load.Bench} measures {@link org.kapacitorudf.testkit.load.Subject}s as a
 * {@link org.kapacitorudf.testkit.load.Plan} says, and gives a {@link org.kapacitorudf.testkit.load.Report}. The command
 * {@code kapacitor-udf bench} is a face for it.
 *
 * <p>The load shares the machine with the agent, so it has to be cheap: what is sent is encoded once, and what comes back is
 * counted, not decoded. The raw echo beside each figure shows how far it can go.
 *
 * <pre>
 *   Traffic -> Pump -> Link -> agent -> Link -> FrameCounter
 * </pre>
 */
package org.kapacitorudf.testkit.load;
