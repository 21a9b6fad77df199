package org.kapacitorudf.server.call;

import java.util.Optional;
import java.util.function.LongSupplier;
import org.kapacitorudf.internal.line.Grouping;
import org.kapacitorudf.internal.line.Precision;

/**
 * Settings for reading an input.
 *
 * @param file the name of the input, from which the format and the measurement are derived
 * @param format the format; empty to detect it
 * @param live whether each point is to be handled as soon as it arrives
 * @param clockNanos supplies the time for points without a time
 */
public record InputSettings(
        String file,
        Optional<InputFormat> format,
        Precision precision,
        int maxLineBytes,
        Grouping grouping,
        CsvColumns csv,
        boolean live,
        LongSupplier clockNanos) {}
