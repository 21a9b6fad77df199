/**
 * The interface of the process: standard streams, arguments and environment, signals, exit statuses.
 *
 * <p>Where to start: {@code Terminal} has the streams, and {@code ExitStatus} has the exit statuses. A
 * {@code CommandException} ends a command with a message and a status. {@code SystemExitDetector} detects a function
 * that calls {@code System.exit}.
 *
 * <p>May use: {@code logging}.
 */
@NullMarked
package org.kapacitorudf.server.terminal;

import org.jspecify.annotations.NullMarked;
