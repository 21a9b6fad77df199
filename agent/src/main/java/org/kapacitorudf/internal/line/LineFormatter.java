package org.kapacitorudf.internal.line;

import java.util.Map;
import java.util.StringJoiner;
import java.util.TreeMap;

/** Writes points as lines of InfluxDB's line protocol, for people to read. */
public final class LineFormatter {
    private LineFormatter() {}

    public static String line(String name, Map<String, String> tags, Map<String, Object> fields, long time) {
        return series(name, tags) + ' ' + fields(fields) + ' ' + time;
    }

    public static String series(String name, Map<String, String> tags) {
        StringJoiner joiner = new StringJoiner(",").add(escaped(name, ", "));
        new TreeMap<>(tags).forEach((tag, value) -> joiner.add(escaped(tag, ",= ") + "=" + escaped(value, ",= ")));
        return joiner.toString();
    }

    public static String fields(Map<String, Object> fields) {
        StringJoiner joiner = new StringJoiner(",");
        new TreeMap<>(fields).forEach((field, value) -> joiner.add(escaped(field, ",= ") + "=" + shown(value)));
        return joiner.toString();
    }

    private static String shown(Object value) {
        if (value instanceof Long) {
            return value + "i";
        }
        return value instanceof String text ? '"' + escaped(text, "\"\\") + '"' : value.toString();
    }

    private static String escaped(String text, String special) {
        StringBuilder escaped = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            if (special.indexOf(text.charAt(i)) >= 0) {
                escaped.append('\\');
            }
            escaped.append(text.charAt(i));
        }
        return escaped.toString();
    }
}
