package org.kapacitorudf.server.plugin;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Optional;
import java.util.Set;
import org.kapacitorudf.internal.process.ProcessUser;

/** Checks that only root and the current user can change a file from which code is loaded. */
final class Rights {
    private static final int ROOT = 0;

    private Rights() {}

    /**
     * The problem with the owner or the permissions of a file or directory, and the command that fixes it; empty if
     * there is no problem.
     */
    static Optional<String> problem(Path path) throws IOException {
        int owner = (int) Files.getAttribute(path, "unix:uid");
        int user = ProcessUser.uid();
        return problem(path, owner, user, Files.getPosixFilePermissions(path));
    }

    static Optional<String> problem(Path path, int owner, int user, Set<PosixFilePermission> permissions) {
        if (owner != ROOT && owner != user) {
            String expected = user == ROOT ? "root" : "root or uid " + user;
            return Optional.of(path + ": owned by uid " + owner + " (expected: by " + expected + "; type: chown " + user
                    + " " + quoted(path) + ")");
        }
        boolean byGroup = permissions.contains(PosixFilePermission.GROUP_WRITE);
        boolean byOthers = permissions.contains(PosixFilePermission.OTHERS_WRITE);
        if (byGroup || byOthers) {
            String who = byOthers ? "everybody" : "its group";
            return Optional.of(path + ": writable by " + who + " (expected: only by its owner; type: chmod -R go-w "
                    + quoted(path) + ")");
        }
        return Optional.empty();
    }

    private static String quoted(Path path) {
        String text = path.toString();
        return text.matches("[\\w./+-]+") ? text : "'" + text.replace("'", "'\\''") + "'";
    }
}
