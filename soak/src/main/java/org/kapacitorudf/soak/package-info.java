/**
 * A load test that checks all output, for hours; run by {@code scripts/soak}. docs/soak.md lists the checks. Never
 * released.
 *
 * <p>Where to start: {@link org.kapacitorudf.soak.Soak} reads the command line, {@code SoakRun} drives everything,
 * {@code SoakConnection} is a sequence of connections, {@code ExpectedOutput} computes their expected output.
 *
 * <p>May use: {@code org.kapacitorudf.client}, the API.
 */
@NullMarked
package org.kapacitorudf.soak;

import org.jspecify.annotations.NullMarked;
