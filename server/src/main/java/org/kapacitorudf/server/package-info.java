/**
 * {@code kapacitor-udf}: the program that hosts functions.
 *
 * <p>Where to start: {@link org.kapacitorudf.server.Main}, then {@code RunCommand} and {@code ServeCommand}. Nothing here is an API; the library is
 * {@code org.kapacitorudf}, and {@code org.kapacitorudf.embed} hosts functions in a program of one's own.
 */
package org.kapacitorudf.server;
