/**
 * Tests any agent, in any language, from Kapacitor's side of the protocol.
 *
 * <p>Where to start: {@link org.kapacitorudf.tools.conformance.Conformance} runs the cases of the
 * {@link org.kapacitorudf.tools.conformance.Catalogue} on an {@link org.kapacitorudf.tools.conformance.AgentUnderTest}
 * and returns a {@link org.kapacitorudf.tools.conformance.ConformanceReport}. The command {@code kapacitor-udf check}
 * runs it.
 *
 * <p>Each function determines its own output. Cases therefore check what applies to all functions: the protocol and a
 * timely end. If the output for the same data is always the same, they also check that it does not depend on how the
 * data arrives.
 *
 * <pre>
 *   Catalogue -> Case -> Probe -> AgentConversation -> RawKapacitor -> agent
 * </pre>
 *
 * <p>May use: {@code org.kapacitorudf.client}.
 */
@NullMarked
package org.kapacitorudf.tools.conformance;

import org.jspecify.annotations.NullMarked;
