package org.kapacitorudf.internal.snapshot;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Optional;
import org.kapacitorudf.errors.SnapshotException;

/**
 * A directory of seeds: snapshots from which nodes start if Kapacitor has no state for them.
 * <pre>
 *   DIRECTORY/TASK.NODE      the bytes of one snapshot, see {@link Envelope}
 * </pre>
 * A file is used only if it is owned by root, by the user of this process or by the owner of the directory.
 *
 * <p>Threading: immutable, safe for use by any thread.
 */
public final class SeedDirectory {
    private static final String OWNER = "unix:uid";
    private static final int ROOT = 0;

    /** Linux's limit for the length of a file name. */
    private static final int MAX_NAME_BYTES = 255;

    private final Path directory;
    private final int maxBytes;
    private final int user;

    /**
     * @param maxBytes the maximum size of a file
     * @param user the numeric id of the user that this process runs as
     */
    public SeedDirectory(Path directory, int maxBytes, int user) {
        this.directory = directory;
        this.maxBytes = maxBytes;
        this.user = user;
    }

    /**
     * Returns the file of a node, which may or may not exist. Returns empty if the names of the task and the node do
     * not form a valid file name.
     */
    public Optional<Path> file(String taskId, String nodeId) {
        String name = taskId + "." + nodeId;
        boolean isFileName = name.indexOf('/') < 0
                && !name.equals(".")
                && !name.equals("..")
                && name.getBytes(StandardCharsets.UTF_8).length <= MAX_NAME_BYTES;
        try {
            return isFileName ? Optional.of(directory.resolve(name)) : Optional.empty();
        } catch (InvalidPathException e) {
            return Optional.empty();
        }
    }

    /**
     * Reads a seed. {@link States#restore} checks its content.
     *
     * @return empty if there is no such file
     * @throws SnapshotException if the file has an unexpected type, owner or size, or cannot be read
     */
    public Optional<byte[]> read(Path file) {
        try {
            BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
            if (!attributes.isRegularFile()) {
                // Such a file is not opened, because opening a pipe would wait for a writer.
                throw refused(file, "not a regular file", "the output of call --save-state");
            }
            requireOwner(file);
            if (attributes.size() == 0 || attributes.size() > maxBytes) {
                throw refused(file, attributes.size() + " bytes", "1 to " + maxBytes);
            }
            try (InputStream in = Files.newInputStream(file)) {
                return Optional.of(in.readNBytes(maxBytes));
            }
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw new SnapshotException("seed: " + file + ": cannot be read: " + e, e);
        }
    }

    private void requireOwner(Path file) throws IOException {
        int owner = uid(file);
        if (owner != ROOT && owner != user && owner != uid(directory)) {
            throw refused(file, "owned by uid " + owner, "root, uid " + user + ", or the owner of the directory");
        }
    }

    private static int uid(Path path) throws IOException {
        return (int) Files.getAttribute(path, OWNER);
    }

    private static SnapshotException refused(Path file, String found, String expected) {
        return new SnapshotException("seed: " + file + ": " + found + " (expected: " + expected + ")");
    }
}
