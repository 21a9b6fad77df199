/**
 * What must hold for any bytes, and what looks for bytes for which it does not. See docs/fuzzing.md.
 *
 * <p>Where to start: {@link org.kapacitorudf.fuzz.Target} is what a class like {@link org.kapacitorudf.fuzz.FrameTarget} implements, {@link
 * org.kapacitorudf.fuzz.Targets} lists them. {@link org.kapacitorudf.fuzz.BlindFuzzer} runs one anywhere, in tests too; {@code scripts/fuzz} runs them by
 * Jazzer as well, which sees what code an input reaches.
 */
package org.kapacitorudf.fuzz;
