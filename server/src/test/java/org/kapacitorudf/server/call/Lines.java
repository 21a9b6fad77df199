package org.kapacitorudf.server.call;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.kapacitorudf.Point;
import org.kapacitorudf.internal.line.Grouping;
import org.kapacitorudf.internal.line.LineReader;

/** Points written in line protocol. */
final class Lines {
    private Lines() {}

    /** The point of a line, grouped by tags. */
    static Point point(String line, String... dimensions) {
        byte[] point = LineReader.of(new ByteArrayInputStream(line.getBytes(StandardCharsets.UTF_8)))
                .groupBy(Grouping.by(List.of(dimensions)))
                .next();
        return Point.decode(point);
    }
}
