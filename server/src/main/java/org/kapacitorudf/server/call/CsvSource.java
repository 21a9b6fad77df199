package org.kapacitorudf.server.call;

import de.siegmar.fastcsv.reader.CloseableIterator;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.CsvRecord;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.kapacitorudf.Fields;
import org.kapacitorudf.Point;
import org.kapacitorudf.internal.line.Grouping;

/**
 * Reads CSV with a header, one point per row.
 *
 * <pre>
 *   time,host,usage                                  #datatype,string,long,dateTime:RFC3339,double,string,string,string
 *   2026-01-01T00:00:00Z,a,1.5                       #group,false,false,false,false,true,true,true
 *                                                    ,result,table,_time,_value,_field,_measurement,host
 *   --tag-columns host                               ,,0,2026-01-01T00:00:00Z,1.5,usage,cpu,a
 * </pre>
 *
 * <p>A column's role is determined by the options, then by InfluxDB's annotations ({@code #datatype}, {@code #group},
 * {@code #default}, {@code #constant}), and then by its name: {@code time}, {@code _time} or {@code timestamp};
 * {@code _measurement} or {@code name}. Any other column is a field, and its type is derived from the value.
 *
 * <p>A file with the columns {@code name}, {@code tags} and {@code time} is read as the output of
 * {@code influx -format csv} of InfluxDB 1: {@code tags} contains {@code host=a,region=eu}.
 *
 * <p>Threading: one thread reads.
 */
final class CsvSource implements PointSource {
    private static final int PEEKED_CHARACTERS = 64 * 1024;
    private static final List<String> OF_COMMAND_LINE = List.of("name", "tags", "time");
    private static final byte[] UNKNOWN = {};
    private static final long NANOS_A_SECOND = 1_000_000_000;

    /** The role of a column. */
    private enum Role {
        IGNORED,
        MEASUREMENT,
        TIME,
        TAG,
        TAGS,
        FIELD,
        FIELD_NAME,
        FIELD_VALUE
    }

    private record Column(String name, Role role, String type, String standard) {}

    private final InputSettings settings;
    private final CsvReader<CsvRecord> reader;
    private final CloseableIterator<CsvRecord> rows;
    private final Map<String, List<String>> annotations = new HashMap<>();
    private final String measurement;
    private List<Column> columns = List.of();
    private boolean headerRead;
    private boolean ofCommandLine;
    private long line;

    CsvSource(InputStream in, InputSettings settings) throws IOException {
        this.settings = settings;
        BufferedReader text = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8), PEEKED_CHARACTERS);
        text.mark(1);
        if (text.read() != '\uFEFF') {
            text.reset();
        }
        reader = CsvReader.builder()
                .fieldSeparator(separator(text))
                .allowMissingFields(true)
                .allowExtraFields(true)
                .maxBufferSize(Math.max(settings.maxLineBytes(), 1024))
                .ofCsvRecord(text);
        rows = reader.iterator();
        measurement = settings.csv().measurement().orElseGet(() -> baseName(settings.file()));
    }

    /** Returns the separator: a comma, unless the first line has semicolons or tabs but no comma. */
    private static char separator(BufferedReader text) throws IOException {
        text.mark(PEEKED_CHARACTERS);
        String line = text.readLine();
        text.reset();
        if (line == null || line.indexOf(',') >= 0) {
            return ',';
        }
        return line.indexOf(';') >= 0 ? ';' : line.indexOf('\t') >= 0 ? '\t' : ',';
    }

    private static String baseName(String file) {
        String name = file.equals("-") ? "csv" : Path.of(file).getFileName().toString();
        int dot = name.indexOf('.');
        return dot > 0 ? name.substring(0, dot) : name;
    }

    @Override
    public boolean read(Sink sink) {
        while (rows.hasNext()) {
            CsvRecord row = rows.next();
            line = row.getStartingLineNumber();
            List<String> cells = row.getFields();
            if (cells.get(0).startsWith("#")) {
                annotate(cells);
            } else if (!headerRead) {
                header(cells, row.getStartingLineNumber());
            } else {
                sink.point(point(cells, row.getStartingLineNumber()));
                return true;
            }
        }
        return false;
    }

    /**
     * Handles an annotation: {@code #datatype,string,...} in the result of a query, or
     * {@code #datatype measurement,tag,...} in a file for {@code influx write}.
     */
    private void annotate(List<String> cells) {
        if (headerRead) {
            // A new table begins.
            headerRead = false;
            annotations.clear();
        }
        String first = cells.get(0);
        int space = first.indexOf(' ');
        List<String> values = new ArrayList<>(cells);
        values.set(0, space < 0 ? "" : first.substring(space + 1));
        String name = space < 0 ? first : first.substring(0, space);
        if (name.equals("#constant")) {
            values.removeIf(String::isEmpty);
            annotations.merge(name, values, (before, more) -> {
                List<String> all = new ArrayList<>(before);
                all.addAll(more);
                return all;
            });
        } else {
            annotations.put(name, values);
        }
    }

    private void header(List<String> names, long line) {
        headerRead = true;
        columns = new ArrayList<>();
        ofCommandLine = annotations.isEmpty() && names.containsAll(OF_COMMAND_LINE);
        boolean pivoted = !names.contains("_field") || !names.contains("_value");
        for (int i = 0; i < names.size(); i++) {
            String name = names.get(i).strip();
            String type = annotation("#datatype", i);
            String standard = annotation("#default", i);
            columns.add(new Column(name, role(name, type, annotation("#group", i), pivoted), type, standard));
        }
        for (String wanted : wanted()) {
            if (!names.contains(wanted)) {
                throw new IllegalStateException("line " + line + ": " + wanted + ": no such column (expected: one of "
                        + String.join(", ", names) + ")");
            }
        }
        if (columns.stream().noneMatch(column -> column.role == Role.FIELD || column.role == Role.FIELD_VALUE)) {
            throw new IllegalStateException("line " + line
                    + ": no column is a field (expected: a header, and --field-columns or others than tags)");
        }
    }

    private List<String> wanted() {
        List<String> wanted = new ArrayList<>(settings.csv().tags());
        wanted.addAll(settings.csv().fields());
        settings.csv().time().ifPresent(wanted::add);
        return wanted;
    }

    private String annotation(String name, int column) {
        List<String> values = annotations.getOrDefault(name, List.of());
        return column < values.size() ? values.get(column).strip() : "";
    }

    private Role role(String name, String type, String group, boolean pivoted) {
        CsvColumns given = settings.csv();
        if (given.time().isPresent() ? given.time().get().equals(name) : isTime(name, type)) {
            return Role.TIME;
        }
        if (given.tags().contains(name)) {
            return Role.TAG;
        }
        if (!given.fields().isEmpty()) {
            return given.fields().contains(name) ? Role.FIELD : Role.IGNORED;
        }
        if (!pivoted && name.equals("_field")) {
            return Role.FIELD_NAME;
        }
        if (!pivoted && name.equals("_value")) {
            return Role.FIELD_VALUE;
        }
        if (name.equals("_measurement") || type.equals("measurement") || type.isEmpty() && name.equals("name")) {
            return Role.MEASUREMENT;
        }
        if (ofCommandLine && name.equals("tags")) {
            return Role.TAGS;
        }
        boolean ofQuery = annotations.containsKey("#group");
        boolean ignored = name.isEmpty()
                || type.startsWith("ignore")
                || ofQuery && (name.equals("result") || name.equals("table") || name.startsWith("_"));
        if (ignored) {
            return Role.IGNORED;
        }
        return type.equals("tag") || group.equals("true") || ofQuery && !pivoted ? Role.TAG : Role.FIELD;
    }

    private static boolean isTime(String name, String type) {
        if (type.equals("time") || type.startsWith("dateTime")) {
            return !name.equals("_start") && !name.equals("_stop");
        }
        String lower = name.toLowerCase(Locale.ROOT);
        return type.isEmpty() && (lower.equals("time") || lower.equals("_time") || lower.equals("timestamp"));
    }

    private Point point(List<String> cells, long line) {
        String name = measurement;
        String fieldName = "";
        long time = Long.MIN_VALUE;
        Map<String, String> tags = new TreeMap<>();
        Map<String, Object> fields = new LinkedHashMap<>();
        List<String> constants = annotations.getOrDefault("#constant", List.of());
        for (int i = 0; i + 2 < constants.size() && constants.get(i).equals("tag"); i += 3) {
            tags.put(constants.get(i + 1), constants.get(i + 2));
        }
        if (constants.size() == 2 && constants.get(0).equals("measurement")) {
            name = constants.get(1);
        }
        for (int i = 0; i < columns.size(); i++) {
            Column column = columns.get(i);
            String cell = i < cells.size() && !cells.get(i).isEmpty() ? cells.get(i) : column.standard;
            if (cell.isEmpty()) {
                continue;
            }
            switch (column.role) {
                case MEASUREMENT -> name = settings.csv().measurement().orElse(cell);
                case TIME -> time = time(column, cell, line);
                case TAG -> tags.put(column.name, cell);
                case TAGS -> tags.putAll(tags(cell));
                case FIELD -> fields.put(column.name, value(column, cell, line));
                case FIELD_NAME -> fieldName = cell;
                case FIELD_VALUE -> fields.put("", value(column, cell, line));
                default -> {}
            }
        }
        Object single = fields.remove("");
        if (single != null && !fieldName.isEmpty()) {
            fields.put(fieldName, single);
        }
        if (fields.isEmpty()) {
            throw bad(line, "no fields (expected: a value in a column that is a field)", cells);
        }
        try {
            Point point = Point.of(
                            name, time == Long.MIN_VALUE ? settings.clockNanos().getAsLong() : time)
                    .withTags(tags)
                    .withFields(Fields.of(fields));
            return grouped(point, settings.grouping(), tags);
        } catch (IllegalArgumentException e) {
            throw bad(line, e.getMessage(), cells);
        }
    }

    /**
     * Parses {@code host=a,region=eu}, without escapes. A part without {@code =} is appended to the preceding value.
     */
    private static Map<String, String> tags(String cell) {
        Map<String, String> tags = new LinkedHashMap<>();
        String last = null;
        for (String part : cell.split(",", -1)) {
            int equals = part.indexOf('=');
            if (equals > 0) {
                last = part.substring(0, equals);
                tags.put(last, part.substring(equals + 1));
            } else if (last != null) {
                tags.merge(last, part, (before, more) -> before + "," + more);
            }
        }
        tags.values().removeIf(String::isEmpty); // a missing tag
        return tags;
    }

    /** Returns the point with the group that Kapacitor would give it. */
    private static Point grouped(Point point, Grouping grouping, Map<String, String> tags) {
        List<String> dimensions = grouping.all() ? List.copyOf(tags.keySet()) : grouping.dimensions();
        if (dimensions.isEmpty()) {
            return point;
        }
        StringBuilder group = new StringBuilder();
        for (String dimension : dimensions) {
            group.append(group.isEmpty() ? "" : ",")
                    .append(dimension)
                    .append('=')
                    .append(tags.getOrDefault(dimension, ""));
        }
        return point.withDimensions(false, dimensions).withGroup(group.toString());
    }

    private static BadInputException bad(long line, @Nullable String message, List<String> cells) {
        return new BadInputException(
                "line " + line + ": " + message, String.join(",", cells).getBytes(StandardCharsets.UTF_8));
    }

    private long time(Column column, String cell, long line) {
        try {
            if (cell.chars().allMatch(c -> c == '-' || c >= '0' && c <= '9') && cell.lastIndexOf('-') <= 0) {
                return Math.multiplyExact(
                        Long.parseLong(cell), settings.precision().nanos());
            }
            String text = cell.indexOf(' ') == 10 ? cell.replace(' ', 'T') : cell;
            boolean zoned = text.endsWith("Z") || text.lastIndexOf('+') > 10 || text.lastIndexOf('-') > 10;
            Instant instant = Instant.parse(zoned ? text : text + "Z");
            return Math.addExact(Math.multiplyExact(instant.getEpochSecond(), NANOS_A_SECOND), instant.getNano());
        } catch (DateTimeException | ArithmeticException | NumberFormatException e) {
            throw new BadInputException(
                    "line " + line + ": " + column.name + ": " + cell
                            + " (expected: a time: 2026-01-01T00:00:00Z, or an integer of --precision)",
                    UNKNOWN);
        }
    }

    private static Object value(Column column, String cell, long line) {
        try {
            return switch (column.type) {
                case "double" -> Double.valueOf(cell);
                case "long", "unsignedLong" ->
                    Long.valueOf(cell.endsWith("i") ? cell.substring(0, cell.length() - 1) : cell);
                case "boolean" -> bool(cell);
                case "string" -> cell;
                default -> looksLike(cell);
            };
        } catch (IllegalArgumentException e) {
            throw new BadInputException(
                    "line " + line + ": " + column.name + ": " + cell + " (expected: a " + column.type + ")", UNKNOWN);
        }
    }

    private static Object bool(String cell) {
        return switch (cell.toLowerCase(Locale.ROOT)) {
            case "true", "t" -> true;
            case "false", "f" -> false;
            default -> throw new IllegalArgumentException(cell);
        };
    }

    private static Object looksLike(String cell) {
        if (cell.equalsIgnoreCase("true") || cell.equalsIgnoreCase("false")) {
            return Boolean.valueOf(cell);
        }
        char first = cell.charAt(0);
        char last = cell.charAt(cell.length() - 1);
        if (first == '-' || first == '.' || first >= '0' && first <= '9') {
            try {
                return last == 'i' ? (Object) Long.valueOf(cell.substring(0, cell.length() - 1)) : number(cell);
            } catch (NumberFormatException e) {
                return cell;
            }
        }
        return cell;
    }

    /** Parses a number. Returns the text itself if it ends with a suffix that only Java accepts, as in 1d or 1f. */
    private static Object number(String cell) {
        char last = cell.charAt(cell.length() - 1);
        return last == '.' || last >= '0' && last <= '9' ? (Object) Double.valueOf(cell) : cell;
    }

    @Override
    public long line() {
        return line;
    }

    @Override
    public boolean isReady() {
        return !settings.live();
    }

    @Override
    public void close() {
        try {
            reader.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
