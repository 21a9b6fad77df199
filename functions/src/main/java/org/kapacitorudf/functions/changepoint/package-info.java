/** Lasting shifts of a level or a spread, for {@code changepoint}. */
@NullMarked
package org.kapacitorudf.functions.changepoint;

import org.jspecify.annotations.NullMarked;
