package org.kapacitorudf.internal.channel;

import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.EnumSet;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The address that {@link UnixServerChannel} binds to: the path of a socket, and who may connect.
 *
 * <p>Connecting requires write permission for the file. By default, the user and the group of the file have this
 * permission (mode {@value #MODE}). The default group is that of the process, or that of the directory if the directory
 * has the set-group-ID bit.
 *
 * <p>Guarantees of binding:
 *
 * <ul>
 * <li>A socket at which a server listens is taken only if {@link #takingOver} was called. The file of a server that has
 * ended is replaced. Anything else at the path (a regular file, a symbolic link, a pipe) is left as it is, and binding
 * fails.
 * <li>If several servers are started at the same path at the same time, without taking over, exactly one succeeds. They
 * may belong to different processes, users and containers that share the directory.
 * <li>The file appears with its mode and group, and with the server already listening. The socket is created in a
 * private temporary directory ({@code PATH~}) and then renamed. Tools that show the name that a socket was bound to,
 * such as {@code ss -x}, show {@code PATH~/s}.
 * <li>Closing the server removes the file, unless it has been replaced by another one.
 * </ul>
 *
 * <p>Threading: immutable.
 *
 * <p>Errors: {@link IllegalArgumentException} if a path, mode or group is invalid.
 */
public final class SocketFile extends SocketAddress {
    /**
     * The maximum length of a path in bytes. The JDK accepts 106, of which the {@code ~/s} in the temporary path takes
     * three.
     */
    public static final int MAX_PATH_BYTES = 103;

    /** The default mode. */
    public static final String MODE = "0660";

    private static final int OWNER_READ_BIT = 0400;

    private final String path;
    private final String mode;
    private final @Nullable String group;
    private final boolean takesOver;

    private SocketFile(String path, String mode, @Nullable String group, boolean takesOver) {
        this.path = path;
        this.mode = mode;
        this.group = group;
        this.takesOver = takesOver;
    }

    /** Returns the address of a socket at a path, with mode {@value #MODE}. */
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
     * Returns a copy with another mode.
     *
     * @param octal the mode as for {@code chmod}, such as {@code 0660} or {@code 600}
     */
    public SocketFile withMode(String octal) {
        if (!octal.matches("0?[0-7]{3}")) {
            throw new IllegalArgumentException("socket mode: '" + octal + "' (expected: octal, 000 to 0777)");
        }
        return new SocketFile(path, octal, group, takesOver);
    }

    /**
     * Returns a copy with another group.
     *
     * @param name the name or number of a group; whether the process may use it is checked when binding
     */
    public SocketFile withGroup(String name) {
        if (name.isBlank()) {
            throw new IllegalArgumentException("socket group: '" + name + "' (expected: the name of a group)");
        }
        return new SocketFile(path, mode, name, takesOver);
    }

    /**
     * Returns a copy that can be bound even if a server listens at the path. That server keeps its connections and gets
     * no new ones. At any time, one of the two servers accepts connections.
     */
    public SocketFile takingOver() {
        return new SocketFile(path, mode, group, true);
    }

    /** Whether the path is taken over if a server listens there. */
    public boolean takesOver() {
        return takesOver;
    }

    public Path path() {
        return Path.of(path);
    }

    /** The permissions of the file. */
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

    /** The group of the file; empty for the default group. */
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

    @Override
    public String toString() {
        return path;
    }
}
