package org.kapacitorudf.soak;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.StringJoiner;

/** The results of a run, as a table and as JSON. */
final class SoakReport {
    private static final double NANOS_PER_MILLI = 1e6;
    private static final double NANOS_PER_SECOND = 1e9;

    private final SoakRun run;

    SoakReport(SoakRun run) {
        this.run = run;
    }

    String table() {
        StringBuilder text = new StringBuilder();
        RunTally tally = run.tally();
        line(text, "seed", run.plan().seed());
        line(text, "points checked", run.checked());
        line(text, "points a second", (long) (run.checked() * NANOS_PER_SECOND / run.nanos()));
        line(text, "seconds", run.nanos() / (long) NANOS_PER_SECOND);
        tally.figures().forEach((name, value) -> line(text, name, value));
        line(text, "keepalives answered", tally.keepalives.count());
        line(text, "longest keepalive, ms", (long) (tally.keepalives.longestNanos() / NANOS_PER_MILLI));
        line(text, "p99.9, ms", (long) (tally.keepalives.percentileNanos(0.999) / NANOS_PER_MILLI));
        line(text, "longest start of a connection, ms", (long) (tally.starts.longestNanos() / NANOS_PER_MILLI));
        line(text, "p99.9, ms", (long) (tally.starts.percentileNanos(0.999) / NANOS_PER_MILLI));
        run.after().ifPresent(after -> {
            text.append("before     ").append(run.before().text()).append('\n');
            text.append("after      ").append(after.text()).append('\n');
        });
        for (Findings.Sort sort : Findings.Sort.values()) {
            line(text, sort.name().toLowerCase(Locale.ROOT), run.findings().count(sort));
        }
        run.findings().texts().forEach(found -> text.append(found).append('\n'));
        return text.toString();
    }

    private static void line(StringBuilder text, String name, long value) {
        text.append(String.format(Locale.ROOT, "%-45s %,18d%n", name, value));
    }

    String json() {
        RunTally tally = run.tally();
        StringJoiner members = new StringJoiner(",\n  ", "{\n  ", "\n}\n");
        member(members, "seed", run.plan().seed());
        member(members, "points_checked", run.checked());
        member(members, "seconds", String.format(Locale.ROOT, "%.1f", run.nanos() / NANOS_PER_SECOND));
        for (Map.Entry<String, Long> figure : tally.figures().entrySet()) {
            member(members, figure.getKey().replaceAll("\\W+", "_"), figure.getValue());
        }
        member(members, "keepalives", tally.keepalives.count());
        member(members, "keepalive_longest_ms", (long) (tally.keepalives.longestNanos() / NANOS_PER_MILLI));
        member(members, "keepalive_p999_ms", (long) (tally.keepalives.percentileNanos(0.999) / NANOS_PER_MILLI));
        member(members, "start_longest_ms", (long) (tally.starts.longestNanos() / NANOS_PER_MILLI));
        member(members, "start_p999_ms", (long) (tally.starts.percentileNanos(0.999) / NANOS_PER_MILLI));
        run.after().ifPresent(after -> {
            member(members, "before", run.before().json());
            member(members, "after", after.json());
        });
        member(
                members,
                "samples",
                list(run.samples().stream().map(ServerResources::json).toList()));
        for (Findings.Sort sort : Findings.Sort.values()) {
            member(members, sort.name().toLowerCase(Locale.ROOT), run.findings().count(sort));
        }
        member(
                members,
                "findings",
                list(run.findings().texts().stream().map(SoakReport::quoted).toList()));
        return members.toString();
    }

    private static void member(StringJoiner members, String name, Object value) {
        members.add(quoted(name) + ": " + value);
    }

    private static String list(List<String> values) {
        return values.isEmpty() ? "[]" : "[\n    " + String.join(",\n    ", values) + "]";
    }

    private static String quoted(String text) {
        StringBuilder quoted = new StringBuilder("\"");
        for (char c : text.toCharArray()) {
            if (c == '"' || c == '\\') {
                quoted.append('\\').append(c);
            } else if (c < ' ') {
                quoted.append(String.format("\\u%04x", (int) c));
            } else {
                quoted.append(c);
            }
        }
        return quoted.append('"').toString();
    }
}
