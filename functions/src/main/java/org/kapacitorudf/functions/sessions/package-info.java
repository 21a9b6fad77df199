/** Sessions that end after a gap, for {@code sessions}. */
@NullMarked
package org.kapacitorudf.functions.sessions;

import org.jspecify.annotations.NullMarked;
