/** Exponential smoothing with a season, and its bands, for {@code forecast} and its variants. */
@NullMarked
package org.kapacitorudf.functions.forecast;

import org.jspecify.annotations.NullMarked;
