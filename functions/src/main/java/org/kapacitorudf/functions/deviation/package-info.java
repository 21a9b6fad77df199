/** Records of a value, its level and its change, for {@code deviation}. */
@NullMarked
package org.kapacitorudf.functions.deviation;

import org.jspecify.annotations.NullMarked;
