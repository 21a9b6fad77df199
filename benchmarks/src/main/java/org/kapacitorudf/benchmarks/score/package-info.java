/** Compares the functions' results with labels, known answers and other methods, for docs/functions/accuracy.md. */
@NullMarked
package org.kapacitorudf.benchmarks.score;

import org.jspecify.annotations.NullMarked;
