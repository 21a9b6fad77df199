/**
 * Facts about the agent's own process. Not API: it may change at any time.
 *
 * <p>{@link org.kapacitorudf.internal.process.ProcessUser} has the user that the process runs as.
 * {@link org.kapacitorudf.internal.process.SystemExitCalls} recognizes a thread that has called {@code System.exit}.
 *
 * <p>May use: no other package of this project.
 */
@NullMarked
package org.kapacitorudf.internal.process;

import org.jspecify.annotations.NullMarked;
