/**
 * {@code kapacitor-udf}: the program that hosts functions. Nothing in this module is API.
 *
 * <p>Where to start: {@link org.kapacitorudf.server.Main}, then {@code RunCommand} and {@code ServeCommand} in
 * {@code command}. To host functions in your own program, use {@code org.kapacitorudf.embed}.
 *
 * <pre>
 *   Main -> command -> serve   -> ops -> tasks
 *                   -> options -> tasks
 *                   -> project -> install -> plugin
 *                   -> call, demo
 *                                           all of them -> terminal -> logging
 * </pre>
 */
@NullMarked
package org.kapacitorudf.server;

import org.jspecify.annotations.NullMarked;
