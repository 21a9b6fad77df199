/** The t-digest, for {@code quantiles}. */
@NullMarked
package org.kapacitorudf.functions.quantiles;

import org.jspecify.annotations.NullMarked;
