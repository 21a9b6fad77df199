/** A regular grid in time, for {@code resample}. */
@NullMarked
package org.kapacitorudf.functions.resample;

import org.jspecify.annotations.NullMarked;
