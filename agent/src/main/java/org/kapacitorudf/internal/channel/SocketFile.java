package org.kapacitorudf.internal.channel;

import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.EnumSet;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * Where a server listens, and who may connect: the address that {@link UnixServerChannel} binds to.
 *
 * <p>Who may write to the file may connect: its user and group by default (mode {@value #MODE}, the group that the
 * directory or the process gives it).
 *
 * <p>What binding guarantees:
 *
 * <ul>
 *   <li>A socket at which a server listens is never taken, unless that is {@linkplain #takingOver asked for}. The file of a server that is gone is replaced. Anything else
 *       at the path (a regular file, a symbolic link, a pipe) is left as it is, and binding fails.
 *   <li>Of several servers of this kind that start for one path at once, one wins. They may be of different processes,
 *       users and containers, if they share the directory.
 *   <li>The file appears at once with its mode and group, and with the server listening behind it: the socket is made in
 *       a directory of its own ({@code PATH~}, closed to others, gone afterwards) and moved. Tools that show the name
 *       that a socket was bound to, as {@code ss -x} does, show {@code PATH~/s}.
 *   <li>Closing the server removes the file, unless somebody has put another one in its place.
 * </ul>
 *
 * <p>Threading: immutable.
 *
 * <p>Errors: a path, mode or group that cannot be is an {@link IllegalArgumentException}.
 */
public final class SocketFile extends SocketAddress {
    /** The longest path, in bytes: the JDK takes 106, and {@code ~/s} takes three of them while binding. */
    public static final int MAX_PATH_BYTES = 103;

    /** The default mode. */
    public static final String MODE = "0660";

    private static final int OWNER_READ_BIT = 0400;

    private final String path;
    private final String mode;
    private final String group;
    private final boolean takesOver;

    private SocketFile(String path, String mode, String group, boolean takesOver) {
        this.path = path;
        this.mode = mode;
        this.group = group;
        this.takesOver = takesOver;
    }

    /** A socket at a path, with mode {@value #MODE}. */
    public static SocketFile at(Path path) {
        int bytes = path.toString().getBytes(StandardCharsets.UTF_8).length;
        if (bytes > MAX_PATH_BYTES) {
            throw new IllegalArgumentException(
                    "socket path: " + path + ", " + bytes + " bytes (expected: <= " + MAX_PATH_BYTES + " bytes)");
        }
        if (path.getFileName() == null || path.getFileName().toString().isEmpty()) {
            throw new IllegalArgumentException("socket path: '" + path + "' (expected: the name of a file)");
        }
        return new SocketFile(path.toString(), MODE, null, false);
    }

    /**
     * The same place with another mode.
     *
     * @param octal the mode as {@code chmod} takes it, such as {@code 0660} or {@code 600}
     */
    public SocketFile withMode(String octal) {
        if (!octal.matches("0?[0-7]{3}")) {
            throw new IllegalArgumentException("socket mode: '" + octal + "' (expected: octal, 000 to 0777)");
        }
        return new SocketFile(path, octal, group, takesOver);
    }

    /**
     * The same place with another group.
     *
     * @param name the name or number of a group; whether the process may give the file to it shows when it binds
     */
    public SocketFile withGroup(String name) {
        if (name.isBlank()) {
            throw new IllegalArgumentException("socket group: '" + name + "' (expected: the name of a group)");
        }
        return new SocketFile(path, mode, name, takesOver);
    }

    /**
     * The same place, which is taken even if a server listens there: that one keeps the connections that it has, and gets no more. There is no moment at which nobody
     * can be connected to.
     */
    public SocketFile takingOver() {
        return new SocketFile(path, mode, group, true);
    }

    /** Whether a server that listens there loses the place. */
    public boolean takesOver() {
        return takesOver;
    }

    /** Where the socket is. */
    public Path path() {
        return Path.of(path);
    }

    /** What the mode allows. */
    public Set<PosixFilePermission> permissions() {
        int bits = Integer.parseInt(mode, 8);
        Set<PosixFilePermission> permissions = EnumSet.noneOf(PosixFilePermission.class);
        for (PosixFilePermission permission : PosixFilePermission.values()) {
            if ((bits & OWNER_READ_BIT >> permission.ordinal()) != 0) {
                permissions.add(permission);
            }
        }
        return permissions;
    }

    /** The group that the file is given to, if not the one that it gets by itself. */
    public Optional<String> group() {
        return Optional.ofNullable(group);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof SocketFile that
                && path.equals(that.path)
                && mode.equals(that.mode)
                && Objects.equals(group, that.group)
                && takesOver == that.takesOver;
    }

    @Override
    public int hashCode() {
        return Objects.hash(path, mode, group, takesOver);
    }

    /** The path. */
    @Override
    public String toString() {
        return path;
    }
}
