/**
 * Restores tasks: after a restart of the server, the tasks that were connected are reloaded in Kapacitor.
 *
 * <p>Where to start: {@link org.kapacitorudf.server.tasks.TaskKeeper} and
 * {@link org.kapacitorudf.server.tasks.ReloadDecision}. docs/operations.md gives the reason for each rule.
 *
 * <p>May use: no other package of the program.
 */
@NullMarked
package org.kapacitorudf.server.tasks;

import org.jspecify.annotations.NullMarked;
