/** The members of a cohort, compared with each other, for {@code peers}. */
@NullMarked
package org.kapacitorudf.functions.peers;

import org.jspecify.annotations.NullMarked;
