package org.kapacitorudf.server.call;

import java.util.List;
import java.util.Optional;

/**
 * The roles of CSV columns, as set by options. Roles that are not set are derived from the header and InfluxDB's
 * annotations.
 *
 * @param measurement the measurement of all points; if empty, it is taken from the column {@code _measurement} or
 *     {@code name}, or from the file's name if there is no such column
 * @param time the column with the time; if empty, {@code time}, {@code _time} or {@code timestamp}
 * @param tags the columns that are tags
 * @param fields the columns that are fields; if empty, all other columns
 */
public record CsvColumns(Optional<String> measurement, Optional<String> time, List<String> tags, List<String> fields) {
    /** No role is set by an option. */
    public static final CsvColumns BY_HEADER = new CsvColumns(Optional.empty(), Optional.empty(), List.of(), List.of());

    /** Whether an option sets the role of a column. */
    public boolean isGiven() {
        return measurement.isPresent() || time.isPresent() || !tags.isEmpty() || !fields.isEmpty();
    }
}
