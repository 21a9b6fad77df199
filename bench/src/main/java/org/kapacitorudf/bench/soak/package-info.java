/**
 * Load that checks what comes back, for hours: {@code scripts/soak} runs it, docs/soak.md says what it checks.
 *
 * <p>Where to start: {@link org.kapacitorudf.bench.soak.Soak} reads the command line, {@code SoakRun} has the loop that drives everything,
 * {@code SoakConnection} is one connection with its lives, {@code Expected} says what has to come back.
 */
package org.kapacitorudf.bench.soak;
