/**
 * Tasks that come back: after a restart of the server, those that were connected are reloaded in Kapacitor. Start with {@link org.kapacitorudf.server.tasks.TaskKeeper}
 * and {@link org.kapacitorudf.server.tasks.Decision}; why each rule is there stands in docs/operations.md.
 */
package org.kapacitorudf.server.tasks;
