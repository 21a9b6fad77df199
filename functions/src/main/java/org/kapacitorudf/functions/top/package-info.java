/** The most frequent values of a stream, for {@code topK}. */
@NullMarked
package org.kapacitorudf.functions.top;

import org.jspecify.annotations.NullMarked;
