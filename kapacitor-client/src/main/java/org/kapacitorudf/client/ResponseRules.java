package org.kapacitorudf.client;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.kapacitorudf.proto.BeginBatch;
import org.kapacitorudf.proto.EndBatch;
import org.kapacitorudf.proto.Point;
import org.kapacitorudf.proto.Response;

/**
 * Checks responses as Kapacitor does: finds what would make it panic, and what it accepts but misinterprets.
 *
 * <p>Threading: for use only by the reading thread.
 */
public final class ResponseRules {
    /** When a batch begins, Kapacitor allocates this many bytes for each point that the batch announces: two words. */
    private static final int BYTES_PER_POINT = 16;

    private final Consumer<String> warnings;
    private @Nullable BeginBatch begin;
    private long points;

    public ResponseRules(Consumer<String> warnings) {
        this.warnings = warnings;
    }

    /** Checks the next response. */
    public void take(Response response) throws DaemonDeath {
        switch (response.getMessageCase()) {
            case BEGIN -> begin(response.getBegin());
            case POINT -> point(response.getPoint());
            case END -> end(response.getEnd());
            case MESSAGE_NOT_SET -> throw new DaemonDeath("response: empty (expected: one of its messages)");
            default -> {}
        }
    }

    /** Counts a point that was not decoded. */
    public void takePoint() {
        points++;
    }

    private void begin(BeginBatch next) throws DaemonDeath {
        long size = next.getSize();
        if (size < 0 || size >= FrameReader.FATAL_ALLOCATION_BYTES / BYTES_PER_POINT) {
            throw new DaemonDeath("batch size: " + size + " (expected: the number of points)");
        }
        if (begin != null) {
            warnings.accept("batch " + name(next) + ": begins inside batch " + name(begin) + ", whose " + points
                    + " points are lost (expected: its end first)");
        }
        begin = next;
        points = 0;
    }

    private void point(Point point) {
        points++;
        if (begin != null
                && !begin.getGroup().isEmpty()
                && !point.getGroup().isEmpty()
                && !point.getGroup().equals(begin.getGroup())) {
            warnings.accept("point of group \"" + point.getGroup() + "\": assigned to batch " + name(begin)
                    + " (expected: points of the batch only)");
        }
        for (String field : point.getFieldsStringMap().keySet()) {
            if (point.containsFieldsInt(field)
                    || point.containsFieldsDouble(field)
                    || point.containsFieldsBool(field)) {
                twoTypes(field);
            }
        }
        for (String field : point.getFieldsIntMap().keySet()) {
            if (point.containsFieldsDouble(field) || point.containsFieldsBool(field)) {
                twoTypes(field);
            }
        }
        for (String field : point.getFieldsDoubleMap().keySet()) {
            if (point.containsFieldsBool(field)) {
                twoTypes(field);
            }
        }
    }

    private void twoTypes(String field) {
        warnings.accept("field " + field + ": in two typed maps, of which one is used (expected: one type)");
    }

    private void end(EndBatch end) throws DaemonDeath {
        if (begin == null) {
            throw new DaemonDeath(
                    "end of batch \"" + end.getName() + "\": outside a batch (expected: its begin first)");
        }
        if (begin.getSize() != points) {
            warnings.accept("batch " + name(begin) + ": size " + begin.getSize() + " (expected: " + points
                    + ", the points that came)");
        }
        if (!begin.getName().equals(end.getName()) || !begin.getGroup().equals(end.getGroup())) {
            warnings.accept("batch " + name(begin) + ": ended as \"" + end.getName() + "\" of group \"" + end.getGroup()
                    + "\" (expected: its own name and group)");
        }
        begin = null;
        points = 0;
    }

    private static String name(BeginBatch begin) {
        return "\"" + begin.getName() + "\" of group \"" + begin.getGroup() + "\"";
    }
}
