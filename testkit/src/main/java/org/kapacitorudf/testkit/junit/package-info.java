/**
 * A JUnit extension: functions on a real socket, with the stand-in for Kapacitor connected.
 *
 * <p>Where to start: {@link org.kapacitorudf.testkit.junit.UdfServerExtension}. A test that needs no socket uses a
 * {@link org.kapacitorudf.testkit.UdfDriver}.
 *
 * <p>JUnit is an optional dependency: without it, only this package does not work.
 */
package org.kapacitorudf.testkit.junit;
