/**
 * The options that several commands share. Parses, checks and formats their values.
 *
 * <p>Where to start: {@code AgentOption} is the table of the agent's settings as options. {@code HostOptions} has the
 * options of {@code run} and {@code serve}. {@code Quantities} parses and formats durations and sizes.
 *
 * <p>May use: {@code tasks}, {@code terminal}, {@code logging}, picocli.
 */
@NullMarked
package org.kapacitorudf.server.options;

import org.jspecify.annotations.NullMarked;
