/** Shifts of a level or a spread that last, for {@code changepoint}. */
@NullMarked
package org.kapacitorudf.functions.changepoint;

import org.jspecify.annotations.NullMarked;
