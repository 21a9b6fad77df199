/**
 * What the fuzz tests of several modules share.
 *
 * <p>Where to start: {@link org.kapacitorudf.testing.fuzz.Reading} divides an input, and
 * {@link org.kapacitorudf.testing.fuzz.Claim} checks what must hold. {@link org.kapacitorudf.testing.fuzz.Seeds} has
 * recorded conversations with a real Kapacitor.
 *
 * <p>May use: {@code org.kapacitorudf.proto}. This module is never published.
 */
package org.kapacitorudf.testing.fuzz;
