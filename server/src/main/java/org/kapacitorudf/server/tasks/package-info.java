/**
 * Brings tasks back: after a restart of the server, the tasks that were connected are reloaded in Kapacitor.
 *
 * <p>Where to start: {@link org.kapacitorudf.server.tasks.TaskKeeper} and
 * {@link org.kapacitorudf.server.tasks.ReloadDecision}. docs/operations.md says why each rule is there.
 *
 * <p>May use: nothing of the program.
 */
package org.kapacitorudf.server.tasks;
