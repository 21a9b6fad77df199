package org.kapacitorudf.server.call;

import java.util.Optional;
import java.util.function.LongSupplier;
import org.kapacitorudf.internal.line.Grouping;
import org.kapacitorudf.internal.line.Precision;

/**
 * Settings for reading an input.
 *
 * @param file its name, to derive the format and the measurement
 * @param format its format; empty to detect it
 * @param live whether each point is handled when it arrives
 * @param clockNanos the time for a point without one
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
