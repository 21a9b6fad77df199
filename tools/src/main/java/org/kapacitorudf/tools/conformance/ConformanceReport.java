package org.kapacitorudf.tools.conformance;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * The results of all cases, as a table, as JSON, and as JUnit XML.
 *
 * @param candidate the tested agent
 * @param results one result for each case
 */
public record ConformanceReport(String candidate, List<CaseResult> results) {
    private static final double MILLIS_PER_SECOND = 1000;

    /** Copies the arguments. */
    public ConformanceReport {
        results = List.copyOf(results);
    }

    /** The number of cases with this verdict. */
    public long count(Verdict verdict) {
        return results.stream().filter(result -> result.verdict() == verdict).count();
    }

    /** The number of failed cases of this level or a more severe one. */
    public long failures(Severity severity) {
        return results.stream()
                .filter(result -> result.verdict() == Verdict.FAILED)
                .filter(result -> result.tried().severity().compareTo(severity) <= 0)
                .count();
    }

    /** The table's line for a case: the result and, if the case failed, what the case does and why it matters. */
    public static String line(CaseResult result) {
        StringBuilder line = new StringBuilder(String.format(
                Locale.ROOT,
                "%-4s  %-6s  %-24s %7.2f s",
                result.verdict().text(),
                result.tried().severity(),
                result.tried().name(),
                seconds(result.took())));
        if (!result.detail().isEmpty()) {
            line.append("  ").append(printable(result.detail()));
        }
        if (result.verdict() == Verdict.FAILED) {
            line.append("\n      tried: ").append(result.tried().what());
            line.append("\n      why:   ").append(result.tried().why());
        }
        return line.append('\n').toString();
    }

    /** The last line of the table. */
    public String summary() {
        return String.format(
                "%d passed, %d failed (%s), %d not applicable%n",
                count(Verdict.PASSED),
                count(Verdict.FAILED),
                List.of(Severity.values()).stream()
                        .map(severity -> failed(severity) + " " + severity)
                        .collect(Collectors.joining(", ")),
                count(Verdict.NOT_APPLICABLE));
    }

    private long failed(Severity severity) {
        return results.stream()
                .filter(result ->
                        result.verdict() == Verdict.FAILED && result.tried().severity() == severity)
                .count();
    }

    /** All results as JSON. */
    public String json() {
        return "{\"agent\": " + json(candidate) + ", \"passed\": " + count(Verdict.PASSED) + ", \"failed\": "
                + count(Verdict.FAILED) + ", \"notApplicable\": " + count(Verdict.NOT_APPLICABLE) + ", \"cases\": ["
                + results.stream().map(ConformanceReport::json).collect(Collectors.joining(",\n  ", "\n  ", "\n"))
                + "]}\n";
    }

    private static String json(CaseResult result) {
        return "{\"name\": " + json(result.tried().name()) + ", \"level\": "
                + json(result.tried().severity().name())
                + ", \"verdict\": " + json(result.verdict().name()) + ", \"seconds\": "
                + String.format(Locale.ROOT, "%.3f", seconds(result.took())) + ", \"detail\": " + json(result.detail())
                + ", \"what\": " + json(result.tried().what()) + ", \"why\": "
                + json(result.tried().why()) + "}";
    }

    private static String json(String text) {
        StringBuilder json = new StringBuilder("\"");
        for (char c : text.toCharArray()) {
            if (c == '"' || c == '\\') {
                json.append('\\').append(c);
            } else if (c < ' ' || Character.isSurrogate(c)) {
                json.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
            } else {
                json.append(c);
            }
        }
        return json.append('"').toString();
    }

    /**
     * The results for continuous integration; a failed case of level {@link Severity#MAY} is reported as a failure,
     * too.
     */
    public String junitXml() {
        StringBuilder xml = new StringBuilder("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
        double all =
                results.stream().mapToDouble(result -> seconds(result.took())).sum();
        xml.append(String.format(
                Locale.ROOT,
                "<testsuite name=\"kapacitor-udf check %s\" tests=\"%d\" failures=\"%d\" errors=\"0\" skipped=\"%d\" time=\"%.3f\">%n",
                xml(candidate),
                results.size(),
                count(Verdict.FAILED),
                count(Verdict.NOT_APPLICABLE),
                all));
        results.forEach(result -> xml.append(testcase(result)));
        return xml.append("</testsuite>\n").toString();
    }

    private static String testcase(CaseResult result) {
        String head = String.format(
                Locale.ROOT,
                "  <testcase classname=\"kapacitor-udf.%s\" name=\"%s\" time=\"%.3f\"",
                result.tried().severity(),
                xml(result.tried().name()),
                seconds(result.took()));
        String detail = xml(result.detail());
        return switch (result.verdict()) {
            case PASSED -> head + "/>\n";
            case NOT_APPLICABLE -> head + "><skipped message=\"" + detail + "\"/></testcase>\n";
            case FAILED ->
                head + "><failure message=\"" + detail + "\">"
                        + xml(result.tried().what() + "\n" + result.tried().why()) + "</failure></testcase>\n";
        };
    }

    /** Escapes text for XML; characters that XML cannot represent become question marks. */
    private static String xml(String text) {
        StringBuilder xml = new StringBuilder();
        text.codePoints().forEach(c -> {
            switch (c) {
                case '<' -> xml.append("&lt;");
                case '>' -> xml.append("&gt;");
                case '&' -> xml.append("&amp;");
                case '"' -> xml.append("&quot;");
                case '\n', '\t' -> xml.append((char) c);
                default -> {
                    boolean allowed = c >= ' ' && c < 0xD800 || c >= 0xE000 && c < 0xFFFE || c > 0xFFFF;
                    xml.appendCodePoint(allowed ? c : '?');
                }
            }
        });
        return xml.toString();
    }

    /** Replaces control characters, because text from an agent must not control a terminal. */
    private static String printable(String text) {
        return text.replaceAll("\\p{Cntrl}+", " ");
    }

    private static double seconds(Duration took) {
        return took.toMillis() / MILLIS_PER_SECOND;
    }
}
