/**
 * Generates the table of docs/performance.md, and contains JMH benchmarks of the parts. Never released.
 *
 * <p>Where to start: {@code scripts/bench} runs {@code PerformanceTable}, or with {@code --jmh} the classes whose names
 * end in {@code Benchmark}.
 *
 * <p>May use: anything.
 */
package org.kapacitorudf.benchmarks;
