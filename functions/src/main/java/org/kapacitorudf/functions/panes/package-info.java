/** Sliding windows of panes, for functions that merge a sketch for each pane. */
@NullMarked
package org.kapacitorudf.functions.panes;

import org.jspecify.annotations.NullMarked;
