/**
 * The options that several commands share, as values: what is typed is read, checked and shown here.
 *
 * <p>Where to start: {@code AgentOption} is the table of the agent's settings as options. {@code HostOptions} are the
 * options of {@code run} and {@code serve}, {@code Quantities} reads and writes durations and sizes.
 *
 * <p>May use: {@code tasks}, {@code terminal}, {@code logging}, picocli.
 */
package org.kapacitorudf.server.options;
