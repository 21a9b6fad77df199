/**
 * {@code kapacitor-udf call}: line protocol in, line protocol out, without Kapacitor.
 *
 * <p>Where to start: {@link org.kapacitorudf.server.call.Call}.
 *
 * <p>May use: {@code org.kapacitorudf.client}, {@code org.kapacitorudf.testkit}.
 */
package org.kapacitorudf.server.call;
