/**
 * Fails a test class that leaks a Netty buffer.
 *
 * <p>Where to start: {@link org.kapacitorudf.testing.leaks.NoLeaks}, which JUnit finds by itself in every module that
 * has {@code testing-internal} on its test class path.
 *
 * <p>May use: Netty's buffers, JUnit's API. This module is never published.
 */
package org.kapacitorudf.testing.leaks;
