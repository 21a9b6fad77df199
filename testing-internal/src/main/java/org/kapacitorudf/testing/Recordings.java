package org.kapacitorudf.testing;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;

/**
 * Recorded sessions of a real Kapacitor: 1.5.7 with the UDF code of 1.8.3, and Kapacitor's own examples. Each has three
 * files: the bytes in each direction, and a timeline of the reads.
 *
 * <table>
 * <caption>The recordings</caption>
 * <tr><td>{@code movingAvg-1}, {@code outliers-1}, {@code options-1}</td><td>the start of the daemon: Info and the
 * end</td></tr>
 * <tr><td>{@code movingAvg-2}</td><td>{@code @movingAvg().field('value').size(4).as('mean')} by group and host: 124
 * points in two groups, all types of field, keepalives, snapshots. The Go example also keeps bool fields, by
 * oversight.</td></tr>
 * <tr><td>{@code movingAvg-3}</td><td>the next start of the same task: Init, Restore (of Go's own format), one
 * point</td></tr>
 * <tr><td>{@code outliers-2}</td><td>{@code @outliers().field('value').scale(1.5)} after a window of 20 s: batches of
 * two groups</td></tr>
 * <tr><td>{@code options-2}</td><td>a Python mirror with every type of option; points with non-ASCII tags, 5e-324,
 * 1.797e308, -0.0, the largest int, an empty string</td></tr>
 * <tr><td>{@code options-3}</td><td>the mirror, grouping by measurement</td></tr>
 * </table>
 */
public final class Recordings {
    public static final List<String> NAMES = List.of(
            "movingAvg-1",
            "movingAvg-2",
            "movingAvg-3",
            "options-1",
            "options-2",
            "options-3",
            "outliers-1",
            "outliers-2");

    private Recordings() {}

    /** What Kapacitor sent. */
    public static byte[] requests(String name) {
        return bytes(name + ".requests");
    }

    /** What the agent sent. */
    public static byte[] responses(String name) {
        return bytes(name + ".responses");
    }

    /** Writes the three files into a directory, and returns their common path, which {@code replay} takes. */
    public static Path copy(String name, Path directory) throws IOException {
        for (String part : List.of(".requests", ".responses", ".timeline")) {
            Files.write(directory.resolve(name + part), bytes(name + part));
        }
        return directory.resolve(name);
    }

    private static byte[] bytes(String file) {
        try (InputStream in = Recordings.class.getResourceAsStream("/traces/" + file)) {
            return Objects.requireNonNull(in, file).readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
