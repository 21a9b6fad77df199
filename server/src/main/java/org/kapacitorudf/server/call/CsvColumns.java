package org.kapacitorudf.server.call;

import java.util.List;
import java.util.Optional;

/**
 * The meaning of CSV columns.
 *
 * @param measurement the name of the points; empty for the column {@code _measurement} or {@code name}, or the file's
 *     name
 * @param time the column with the time; empty for {@code time}, {@code _time} or {@code timestamp}
 * @param tags the columns that are tags
 * @param fields the columns that are fields; empty for all others
 */
public record CsvColumns(Optional<String> measurement, Optional<String> time, List<String> tags, List<String> fields) {
    /** The meaning as defined by the header and InfluxDB's annotations. */
    public static final CsvColumns BY_HEADER = new CsvColumns(Optional.empty(), Optional.empty(), List.of(), List.of());

    /** Whether an option defines the meaning of a column. */
    public boolean isGiven() {
        return measurement.isPresent() || time.isPresent() || !tags.isEmpty() || !fields.isEmpty();
    }
}
