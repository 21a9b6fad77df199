/**
 * What the agent knows of its own process. Not API: it may change at any time.
 *
 * <p>{@link org.kapacitorudf.internal.process.ProcessUser} has the user that the process runs as,
 * {@link org.kapacitorudf.internal.process.SystemExitCalls} recognizes a thread that has called {@code System.exit}.
 *
 * <p>May use: nothing of ours.
 */
@NullMarked
package org.kapacitorudf.internal.process;

import org.jspecify.annotations.NullMarked;
