/**
 * JUnit tests of functions on a real socket.
 *
 * <p>Where to start: {@link org.kapacitorudf.testkit.junit.UdfServerExtension}. A test that needs no socket wants a
 * {@link org.kapacitorudf.testkit.UdfDriver}, and nothing of this.
 */
package org.kapacitorudf.testkit.junit;
