/** The usual values of the buckets of a season, for {@code baseline}. */
@NullMarked
package org.kapacitorudf.functions.baseline;

import org.jspecify.annotations.NullMarked;
