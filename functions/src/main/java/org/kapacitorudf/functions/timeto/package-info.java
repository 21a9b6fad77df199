/** When a series reaches a limit, for {@code timeTo}. */
@NullMarked
package org.kapacitorudf.functions.timeto;

import org.jspecify.annotations.NullMarked;
