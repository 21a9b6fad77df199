/**
 * {@code kapacitor-udf call}: calls a function with the points of an input, without Kapacitor.
 *
 * <p>Where to start: {@link org.kapacitorudf.server.call.Call}.
 *
 * <p>May use: {@code org.kapacitorudf.client}, {@code org.kapacitorudf.testkit}.
 */
@NullMarked
package org.kapacitorudf.server.call;

import org.jspecify.annotations.NullMarked;
