/** {@code kapacitor-udf call}: lines in, lines out, without Kapacitor. {@link org.kapacitorudf.server.call.Call} is where to start. */
package org.kapacitorudf.server.call;
