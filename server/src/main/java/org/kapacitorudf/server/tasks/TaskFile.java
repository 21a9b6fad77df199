package org.kapacitorudf.server.tasks;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * The file in which a server records its tasks across restarts.
 *
 * <p>It is replaced as a whole. It is never forced to disk, because it is not needed after a crash of the machine:
 * Kapacitor is then restarted as well, and its tasks connect by themselves.
 *
 * <p>Only one server at a time uses it: the one that has locked {@code PATH.lock} next to it. Both files remain when
 * the server exits. A server that takes over from another one replaces the lock file once it is listening. The lock
 * file is never deleted, so if it is missing, it has been removed from outside, and the server locks a new one.
 *
 * <p>Threading: for use by one thread at a time.
 */
final class TaskFile implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(TaskFile.class);
    private static final int FORMAT = 1;
    private static final long MAX_BYTES = 64 << 20;

    private static final JsonMapper JSON = JsonMapper.builder()
            .disable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .build();

    private final Path path;
    private final Set<String> functions;
    private @Nullable FileChannel locked; // null while another server uses the file
    private @Nullable Object lockKey;
    private boolean isTakenOver; // by another server

    private TaskFile(Path path, Set<String> functions) {
        this.path = path;
        this.functions = new TreeSet<>(functions);
    }

    /** @param functions the functions of the server; null in the file of an older version, which did not store them */
    private record Content(int format, @Nullable Set<String> functions, List<RecordedTask> tasks) {
        private static final Content NONE = new Content(FORMAT, null, List.of());

        private Content {
            if (format != FORMAT) {
                throw new IllegalArgumentException("format: " + format + " (expected: " + FORMAT + ")");
            }
            Objects.requireNonNull(tasks, "tasks");
            tasks = List.copyOf(tasks);
        }
    }

    /**
     * Opens a file. Also locks it for this server, unless {@code takeOver} is true and another server uses the file. In
     * this case, the file must be {@linkplain #take taken} later.
     *
     * @param takeOver whether the file may be taken from a running server
     * @param functions the functions of this server
     * @throws IOException if another server uses the file and {@code takeOver} is false, if the file cannot be locked,
     *     or if it could not be taken later because its directory is not writable
     */
    static TaskFile keep(Path path, boolean takeOver, Set<String> functions) throws IOException {
        TaskFile file = new TaskFile(path, functions);
        if (!takeOver || !isKept(path)) {
            file.lock(lockOf(path));
        } else if (!Files.isWritable(path.resolveSibling(""))) {
            throw new IOException("task file: " + path
                    + ": its directory is not writable (expected: a directory that this process may write to)");
        }
        return file;
    }

    /** Whether the file must still be {@linkplain #take taken} from another server. */
    boolean isToBeTaken() {
        return locked == null;
    }

    /** Takes the file from another running server, which from then on no longer writes the file. */
    void take() throws IOException {
        Path next = path.resolveSibling(path.getFileName() + ".lock.new");
        lock(next);
        Files.move(next, lockOf(path), StandardCopyOption.ATOMIC_MOVE);
    }

    private void lock(Path lock) throws IOException {
        if (Files.isSymbolicLink(lock)) {
            throw new IOException("task file: " + lock + ": a link (expected: no such file, or the file of a server)");
        }
        FileChannel channel =
                FileChannel.open(lock, StandardOpenOption.CREATE, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);
        try {
            if (tryLock(channel, false) == null) {
                throw new IOException(
                        "task file: " + path + ": in use by another server (expected: one file for each server)");
            }
            lockKey = fileKey(lock);
            locked = channel;
        } finally {
            if (locked != channel) {
                channel.close();
            }
        }
    }

    /** Returns a key that identifies a file. While the file is open, no other file can have the same key. */
    private static @Nullable Object fileKey(Path path) throws IOException {
        return Files.readAttributes(path, BasicFileAttributes.class).fileKey();
    }

    /** Whether this server has to write the file because the file, or its lock file, has been removed. */
    boolean isRemoved() throws IOException {
        return isLockRemoved() || (isOurs() && Files.notExists(path));
    }

    /** Whether the lock file of this server has been removed. Also notices if another server has taken over. */
    private boolean isLockRemoved() throws IOException {
        if (!isOurs()) {
            return false;
        }
        try {
            isTakenOver = !Objects.equals(lockKey, fileKey(lockOf(path)));
            return false;
        } catch (NoSuchFileException e) {
            return true;
        }
    }

    private boolean isOurs() {
        return locked != null && !isTakenOver;
    }

    private void lockAgain() throws IOException {
        FileChannel removed = locked;
        lock(lockOf(path));
        if (removed != null) {
            removed.close(); // only now, because until then no other file can have its key
        }
        LOG.warn("task file: {}: its lock file was removed, and has been created again", path);
    }

    /** Whether a server currently uses the file. */
    static boolean isKept(Path path) throws IOException {
        try (FileChannel channel = FileChannel.open(lockOf(path), StandardOpenOption.READ)) {
            return tryLock(channel, true) == null;
        } catch (NoSuchFileException e) {
            return false;
        }
    }

    private static @Nullable FileLock tryLock(FileChannel channel, boolean shared) throws IOException {
        try {
            return channel.tryLock(0, Long.MAX_VALUE, shared);
        } catch (OverlappingFileLockException e) {
            return null;
        }
    }

    private static Path lockOf(Path path) {
        return path.resolveSibling(path.getFileName() + ".lock");
    }

    /**
     * Reads the tasks in a file. Returns no tasks if the file does not exist, or if it cannot be read; in the latter
     * case, logs a warning.
     */
    static List<RecordedTask> read(Path path) {
        return content(path).tasks();
    }

    /** The functions of the server that uses or last used a file; empty if unknown. */
    static Set<String> functions(Path path) {
        Set<String> functions = content(path).functions();
        return functions == null ? Set.of() : new TreeSet<>(functions);
    }

    private static Content content(Path path) {
        try {
            if (Files.size(path) > MAX_BYTES) {
                throw new IOException(Files.size(path) + " bytes (expected: <= " + MAX_BYTES + ")");
            }
            Content content = JSON.readValue(Files.readAllBytes(path), Content.class);
            if (content == null) {
                throw new IOException("null (expected: an object)");
            }
            return content;
        } catch (NoSuchFileException e) {
            return Content.NONE;
        } catch (IOException | JacksonException e) {
            LOG.warn(
                    "task file: {}: cannot be read and is treated as empty, so no task is reloaded because of it: {}",
                    path,
                    String.valueOf(e.getMessage()).lines().findFirst().orElse(""));
            return Content.NONE;
        }
    }

    List<RecordedTask> read() {
        return read(path);
    }

    /**
     * Writes the tasks. Does nothing while another server uses the file, or after another server has taken over. If the
     * lock file has been removed, locks a new one.
     */
    void write(List<RecordedTask> tasks) throws IOException {
        if (isLockRemoved()) {
            lockAgain();
        }
        if (!isOurs()) {
            return;
        }
        Path next = path.resolveSibling(path.getFileName() + ".new");
        Files.write(
                next,
                JSON.writeValueAsBytes(new Content(FORMAT, functions, tasks)),
                StandardOpenOption.CREATE,
                StandardOpenOption.TRUNCATE_EXISTING,
                StandardOpenOption.WRITE,
                LinkOption.NOFOLLOW_LINKS);
        Files.move(next, path, StandardCopyOption.ATOMIC_MOVE);
    }

    Path path() {
        return path;
    }

    @Override
    public void close() throws IOException {
        if (locked != null) {
            locked.close();
        }
    }
}
