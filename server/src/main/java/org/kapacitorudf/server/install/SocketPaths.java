package org.kapacitorudf.server.install;

import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** Which function is served on which socket. */
public final class SocketPaths {
    public static final String DEFAULT_DIR = "/run/kapacitor-udf";

    private SocketPaths() {}

    /** Where a function's socket is unless somebody said otherwise. */
    public static Path in(Path dir, String name) {
        return dir.toAbsolutePath().normalize().resolve(name + ".sock");
    }

    /**
     * Reads {@code NAME=PATH}.
     *
     * @throws IllegalArgumentException when it is none; the message says what is expected
     */
    public static Map.Entry<String, Path> parse(String text) {
        int equals = text.indexOf('=');
        if (equals <= 0 || equals == text.length() - 1) {
            throw new IllegalArgumentException(text + " (expected: NAME=PATH)");
        }
        return Map.entry(
                text.substring(0, equals),
                Path.of(text.substring(equals + 1)).toAbsolutePath().normalize());
    }

    /**
     * Selects the functions to serve, and their sockets.
     *
     * @param installed all there are
     * @param named those to serve; if none are, all, or those that have a path of their own where no directory was given
     * @param dir where sockets are; null for the default
     * @param own the functions that have a path of their own: they are served in any case
     */
    public static SortedMap<String, Path> choose(
            Collection<String> installed, List<String> named, Path dir, Map<String, Path> own) {
        Collection<String> chosen = named;
        if (named.isEmpty() && (own.isEmpty() || dir != null)) {
            chosen = installed;
        }
        SortedMap<String, Path> sockets = new TreeMap<>();
        Path base = dir == null ? Path.of(DEFAULT_DIR) : dir;
        chosen.forEach(name -> sockets.put(name, in(base, name)));
        sockets.putAll(own);
        return sockets;
    }
}
