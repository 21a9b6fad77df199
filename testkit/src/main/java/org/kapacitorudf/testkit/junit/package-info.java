/**
 * A JUnit extension that serves functions on a real socket and connects a stand-in for Kapacitor.
 *
 * <p>Where to start: {@link org.kapacitorudf.testkit.junit.UdfServerExtension}. A test that needs no socket uses a
 * {@link org.kapacitorudf.testkit.UdfDriver}.
 *
 * <p>JUnit is an optional dependency: only this package needs it.
 */
@NullMarked
package org.kapacitorudf.testkit.junit;

import org.jspecify.annotations.NullMarked;
