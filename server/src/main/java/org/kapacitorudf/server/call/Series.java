package org.kapacitorudf.server.call;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;
import org.kapacitorudf.proto.Point;
import org.kapacitorudf.testkit.LineProtocol;

/** Names the series that a point belongs to: its measurement, and the tags that the call groups by. */
final class Series {
    private Series() {}

    /** A series as line protocol writes it, such as {@code cpu,host=a}. */
    static String of(Point point) {
        Map<String, String> tags = point.getDimensionsList().stream()
                .collect(Collectors.toMap(
                        tag -> tag,
                        tag -> point.getTagsMap().getOrDefault(tag, ""),
                        (first, second) -> first,
                        LinkedHashMap::new));
        return LineProtocol.formatSeries(point.getName(), tags);
    }
}
