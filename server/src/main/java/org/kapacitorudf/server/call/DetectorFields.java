package org.kapacitorudf.server.call;

import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.kapacitorudf.Point;

/**
 * The fields that a detector adds to its points. All detectors use the same names after the prefix set by the option
 * {@code as}.
 *
 * @param prefix the prefix of the names, often empty
 */
record DetectorFields(String prefix) {
    private static final String ANOMALY = "anomaly";

    /** The fields of the detector that emitted a point; empty if no detector did. */
    static Optional<DetectorFields> of(Point point) {
        return point.fields().entrySet().stream()
                .filter(field -> field.getValue() instanceof Long)
                .map(Map.Entry::getKey)
                .filter(name -> name.endsWith(ANOMALY))
                .map(name -> new DetectorFields(name.substring(0, name.length() - ANOMALY.length())))
                .filter(fields -> fields.allIn(point))
                .findFirst();
    }

    private boolean allIn(Point point) {
        return Stream.of(expected(), lower(), upper())
                .allMatch(name -> point.field(name).orElse(null) instanceof Double);
    }

    /** The name of the int field that is 1 or -1 for an anomaly, and otherwise 0. */
    String anomaly() {
        return prefix + ANOMALY;
    }

    /** The name of the double field with the expected value. */
    String expected() {
        return prefix + "expected";
    }

    /** The name of the double field with the lower end of the band. */
    String lower() {
        return prefix + "lower";
    }

    /** The name of the double field with the upper end of the band. */
    String upper() {
        return prefix + "upper";
    }
}
