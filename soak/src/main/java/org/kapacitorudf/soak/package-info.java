/**
 * Load that checks what comes back, for hours: {@code scripts/soak} runs it, docs/soak.md says what it checks. Never
 * released.
 *
 * <p>Where to start: {@link org.kapacitorudf.soak.Soak} reads the command line, {@code SoakRun} drives everything,
 * {@code SoakConnection} is one connection after the other, {@code ExpectedOutput} says what has to come back.
 *
 * <p>May use: {@code org.kapacitorudf.client}, the API.
 */
package org.kapacitorudf.soak;
