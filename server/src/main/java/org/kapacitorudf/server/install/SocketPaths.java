package org.kapacitorudf.server.install;

import java.nio.file.Path;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.kapacitorudf.internal.channel.SocketFile;

/** Assigns sockets to functions. */
public final class SocketPaths {
    public static final String DEFAULT_DIR = "/run/kapacitor-udf";

    private SocketPaths() {}

    /** The default path of a function's socket in a directory. */
    public static Path in(Path dir, String name) {
        return dir.toAbsolutePath().normalize().resolve(name + ".sock");
    }

    /**
     * Parses {@code NAME=PATH}.
     *
     * @throws IllegalArgumentException if the text has another form; the message says what is expected
     */
    public static Map.Entry<String, Path> parse(String text) {
        int equals = text.indexOf('=');
        if (equals <= 0 || equals == text.length() - 1) {
            throw new IllegalArgumentException(text + " (expected: NAME=PATH)");
        }
        Path path = Path.of(text.substring(equals + 1)).toAbsolutePath().normalize();
        if (path.getFileName() == null) {
            throw new IllegalArgumentException(text + " (expected: NAME=PATH, with the name of a file)");
        }
        return Map.entry(text.substring(0, equals), path);
    }

    /** The directory of a socket. */
    public static Path directory(Path socket) {
        return socket.resolveSibling("");
    }

    /**
     * Selects the functions to serve, and their sockets.
     *
     * @param installed all functions
     * @param named the functions to serve; if empty, the functions in {@code own} if there are any and {@code dir} is
     *     null, otherwise all functions
     * @param dir the directory of the sockets; null for the default
     * @param own the sockets of functions whose path is set individually, by name; these functions are always served
     */
    public static SortedMap<String, Path> choose(
            Collection<String> installed, List<String> named, @Nullable Path dir, Map<String, Path> own) {
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

    /**
     * Checks that each function has a path of its own, and that a server can listen on it.
     *
     * @param sockets the sockets by the names of their functions
     * @throws IllegalArgumentException if a path is used twice, or is too long; the message says what is expected
     */
    public static void check(SortedMap<String, Path> sockets) {
        Map<Path, String> names = new HashMap<>();
        sockets.forEach((name, path) -> {
            SocketFile.at(path);
            String other = names.put(path, name);
            if (other != null) {
                throw new IllegalArgumentException("socket: " + path + ", of " + other + " and " + name
                        + " (expected: one function for each path)");
            }
        });
    }
}
