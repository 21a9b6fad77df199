/**
 * Tests any agent, in any language, from Kapacitor's side of the protocol.
 *
 * <p>Where to start: {@link org.kapacitorudf.tools.conformance.Conformance} tries the cases of the
 * {@link org.kapacitorudf.tools.conformance.Catalogue} on an {@link org.kapacitorudf.tools.conformance.AgentUnderTest}
 * and gives a {@link org.kapacitorudf.tools.conformance.ConformanceReport}. The command {@code kapacitor-udf check}
 * runs it.
 *
 * <p>What a function answers to its points is its own business. So a case demands what holds for all: the protocol, an
 * end in time, and, where a function gives the same for the same data, that it still does when the data arrives in
 * another way.
 *
 * <pre>
 *   Catalogue -> Case -> Probe -> AgentConversation -> RawKapacitor -> agent
 * </pre>
 *
 * <p>May use: {@code org.kapacitorudf.client}.
 */
package org.kapacitorudf.tools.conformance;
