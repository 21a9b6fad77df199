/**
 * Generates the table of docs/performance.md, and contains JMH benchmarks of the parts. This module is never published.
 *
 * <p>Where to start: {@code scripts/bench} runs {@code PerformanceTable}, or with {@code --jmh} the classes whose names
 * end in {@code Benchmark}.
 *
 * <p>May use: anything.
 */
@NullMarked
package org.kapacitorudf.benchmarks;

import org.jspecify.annotations.NullMarked;
