/** The base of the state of one series: the order and the times of its points. */
@NullMarked
package org.kapacitorudf.functions.series;

import org.jspecify.annotations.NullMarked;
