package org.kapacitorudf.server.command;

import java.util.ArrayList;
import java.util.List;

/**
 * What {@link DoctorCommand} finds, in order.
 *
 * <p>Threading: one thread.
 */
final class Findings {
    enum Level {
        /** As it should be. */
        OK,
        /** Works, but slowly, or not under load. */
        WARN,
        /** Does not work. */
        BAD
    }

    /**
     * One finding.
     *
     * @param subject what was looked at
     * @param cure what to do; empty if nothing is wrong
     */
    record Finding(Level level, String subject, String text, String cure) {}

    private final List<Finding> all = new ArrayList<>();

    void ok(String subject, String text) {
        all.add(new Finding(Level.OK, subject, text, ""));
    }

    void warn(String subject, String text, String cure) {
        all.add(new Finding(Level.WARN, subject, text, cure));
    }

    void bad(String subject, String text, String cure) {
        all.add(new Finding(Level.BAD, subject, text, cure));
    }

    List<Finding> all() {
        return all;
    }

    boolean isAnyBad() {
        return all.stream().anyMatch(finding -> finding.level == Level.BAD);
    }
}
