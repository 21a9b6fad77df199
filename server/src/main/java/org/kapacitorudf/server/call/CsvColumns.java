package org.kapacitorudf.server.call;

import java.util.List;
import java.util.Optional;

/**
 * What the columns of CSV mean.
 *
 * @param measurement the name of the points; empty for the column {@code _measurement} or {@code name}, or the file's name
 * @param time the column with the time; empty for {@code time}, {@code _time} or {@code timestamp}
 * @param tags the columns that are tags
 * @param fields the columns that are fields; empty for all others
 */
public record CsvColumns(Optional<String> measurement, Optional<String> time, List<String> tags, List<String> fields) {
    /** What the header and InfluxDB's annotations say. */
    public static final CsvColumns BY_HEADER = new CsvColumns(Optional.empty(), Optional.empty(), List.of(), List.of());

    /** Whether an option says what a column means. */
    public boolean isGiven() {
        return measurement.isPresent() || time.isPresent() || !tags.isEmpty() || !fields.isEmpty();
    }
}
