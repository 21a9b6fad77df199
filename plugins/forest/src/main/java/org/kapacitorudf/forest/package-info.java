/** The function {@code forest}, a plug-in with a library of its own. */
@NullMarked
package org.kapacitorudf.forest;

import org.jspecify.annotations.NullMarked;
