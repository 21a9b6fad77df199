package org.kapacitorudf.server.command;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The findings of {@link DoctorCommand}, in order.
 *
 * <p>Threading: one thread.
 */
final class Findings {
    enum Level {
        /** No problem. */
        OK,
        /** Something works, but is slow or fails under load. */
        WARN,
        /** Something does not work. */
        BAD
    }

    /**
     * A finding.
     *
     * @param subject what was checked
     * @param cure how to fix it; empty if there is no problem
     */
    record Finding(Level level, String subject, String text, String cure) {}

    private final List<Finding> all = new ArrayList<>();

    void ok(String subject, String text) {
        all.add(new Finding(Level.OK, subject, text, ""));
    }

    void warn(String subject, String text, String cure) {
        all.add(new Finding(Level.WARN, subject, text, cure));
    }

    void bad(String subject, @Nullable String text, String cure) {
        all.add(new Finding(Level.BAD, subject, String.valueOf(text), cure));
    }

    List<Finding> all() {
        return all;
    }

    boolean isAnyBad() {
        return all.stream().anyMatch(finding -> finding.level == Level.BAD);
    }
}
