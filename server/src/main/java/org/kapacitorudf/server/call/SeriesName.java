package org.kapacitorudf.server.call;

import java.util.Map;
import java.util.TreeMap;
import org.kapacitorudf.client.LineProtocol;
import org.kapacitorudf.proto.Point;

/** Names the series that a point belongs to: its measurement, and the tags that the call groups by. */
final class SeriesName {
    private SeriesName() {}

    /** The series as line protocol writes it, such as {@code cpu,host=a}. */
    static String of(Point point) {
        return LineProtocol.formatSeries(point.getName(), tags(point));
    }

    /** The tags that the call groups by. A tag that the point lacks is empty. */
    static Map<String, String> tags(Point point) {
        Map<String, String> tags = new TreeMap<>();
        point.getDimensionsList()
                .forEach(dimension -> tags.put(dimension, point.getTagsMap().getOrDefault(dimension, "")));
        return tags;
    }
}
