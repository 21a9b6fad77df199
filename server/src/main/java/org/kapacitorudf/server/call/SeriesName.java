package org.kapacitorudf.server.call;

import java.util.Map;
import java.util.TreeMap;
import org.kapacitorudf.Point;
import org.kapacitorudf.internal.line.LineWriter;

/** Names a point's series: its measurement, and the tags that the call groups by. */
final class SeriesName {
    private SeriesName() {}

    /** The series in line protocol, such as {@code cpu,host=a}. A missing tag has an empty value. */
    static String of(Point point) {
        Map<String, String> tags = new TreeMap<>();
        point.dimensions()
                .forEach(dimension -> tags.put(dimension, point.tag(dimension).orElse("")));
        return LineWriter.series(point.name(), tags);
    }
}
