/** Sets and sketches of different values, for {@code countDistinct}. */
@NullMarked
package org.kapacitorudf.functions.distinct;

import org.jspecify.annotations.NullMarked;
