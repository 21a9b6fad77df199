/**
 * Tests any agent, in any language, from Kapacitor's side of the wire.
 *
 * <p>Where to start: {@link org.kapacitorudf.testkit.conformance.Conformance} tries the cases of the {@link
 * org.kapacitorudf.testkit.conformance.Catalogue} on a {@link org.kapacitorudf.testkit.conformance.Candidate} and gives a
 * {@link org.kapacitorudf.testkit.conformance.Report}. The command {@code kapacitor-udf check} is a face for it.
 *
 * <p>What a function answers to its points is its own business. So a case demands what holds for all: the protocol, an end in time,
 * and, where a function gives the same for the same data, that it still does when the data arrives in another way.
 *
 * <pre>
 *   Catalogue -> Case -> Probe -> Talk -> Exchange -> agent
 * </pre>
 */
package org.kapacitorudf.testkit.conformance;
