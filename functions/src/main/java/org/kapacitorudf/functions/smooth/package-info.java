/** Filters for irregular series, for {@code smooth}. */
@NullMarked
package org.kapacitorudf.functions.smooth;

import org.jspecify.annotations.NullMarked;
