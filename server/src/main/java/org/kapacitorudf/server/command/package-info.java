/**
 * The commands of {@code kapacitor-udf}, one class per command.
 *
 * <p>Where to start: {@code KapacitorUdf} has all commands and their shared options. {@code RunArguments} parses
 * {@code run NAME} without the command line library, because Kapacitor is waiting.
 *
 * <p>May use: all packages of the program, {@code org.kapacitorudf.tools}, picocli.
 */
@NullMarked
package org.kapacitorudf.server.command;

import org.jspecify.annotations.NullMarked;
