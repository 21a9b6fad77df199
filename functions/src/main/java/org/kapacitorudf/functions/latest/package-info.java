/** The last values of a series, for {@code latest}. */
@NullMarked
package org.kapacitorudf.functions.latest;

import org.jspecify.annotations.NullMarked;
