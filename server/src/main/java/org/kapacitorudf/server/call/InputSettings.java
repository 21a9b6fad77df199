package org.kapacitorudf.server.call;

import java.util.Optional;
import java.util.function.LongSupplier;
import org.kapacitorudf.internal.line.Grouping;
import org.kapacitorudf.internal.line.Precision;

/**
 * How an input is read.
 *
 * @param file its name, for the format and the measurement
 * @param format what it holds; empty to find out
 * @param live whether each point is handled as it comes
 * @param clockNanos the time of a point that has none
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
