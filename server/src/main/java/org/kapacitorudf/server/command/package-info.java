/**
 * The commands of {@code kapacitor-udf}, one class a command.
 *
 * <p>Where to start: {@code KapacitorUdf} has all commands and the options that they share. {@code RunArguments} reads
 * {@code run NAME} without the command line library, because Kapacitor waits meanwhile.
 *
 * <p>May use: all packages of the program, {@code org.kapacitorudf.tools}, picocli.
 */
package org.kapacitorudf.server.command;
