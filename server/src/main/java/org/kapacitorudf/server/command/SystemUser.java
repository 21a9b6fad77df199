package org.kapacitorudf.server.command;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A user of the system, and the access that file modes grant to this user.
 *
 * @param uid the numeric id
 * @param gid the primary group
 * @param gids all groups of the user
 */
public record SystemUser(String name, int uid, int gid, Set<Integer> gids) {
    private static final int EXECUTE = 1;
    private static final int WRITE = 2;
    private static final int READ = 4;

    /** Looks up a user, using the command {@code id}; empty if the user does not exist. */
    public static Optional<SystemUser> of(String name) throws IOException {
        String uid = id("-u", name);
        if (uid.isEmpty()) {
            return Optional.empty();
        }
        Set<Integer> gids =
                Arrays.stream(id("-G", name).split(" ")).map(Integer::valueOf).collect(Collectors.toSet());
        return Optional.of(new SystemUser(name, Integer.parseInt(uid), Integer.parseInt(id("-g", name)), gids));
    }

    private static String id(String option, String name) throws IOException {
        Process process = new ProcessBuilder("id", option, "--", name)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        process.getOutputStream().close();
        return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    }

    boolean mayRead(Path path) throws IOException {
        return may(path, READ);
    }

    public boolean mayWrite(Path path) throws IOException {
        return may(path, WRITE);
    }

    boolean mayExecute(Path path) throws IOException {
        return may(path, EXECUTE);
    }

    /**
     * Among the directories above a file, returns the topmost one that the user has no permission to enter; empty if
     * the user can enter all of them.
     */
    Optional<Path> closedOnTheWayTo(Path file) throws IOException {
        Path way = file.getRoot();
        for (Path name : file.getParent() == null ? file : file.getParent()) {
            way = way.resolve(name);
            if (!mayExecute(way)) {
                return Optional.of(way);
            }
        }
        return Optional.empty();
    }

    private boolean may(Path path, int bit) throws IOException {
        int mode = (int) Files.getAttribute(path, "unix:mode");
        if (uid == 0) {
            return bit != EXECUTE || Files.isDirectory(path) || (mode & 0111) != 0;
        }
        int shift = 0;
        if ((int) Files.getAttribute(path, "unix:uid") == uid) {
            shift = 6;
        } else if (gids.contains((int) Files.getAttribute(path, "unix:gid"))) {
            shift = 3;
        }
        return (mode >> shift & bit) != 0;
    }
}
