package org.kapacitorudf.internal.channel;

import java.io.Closeable;
import java.io.IOException;
import java.net.BindException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.kapacitorudf.internal.process.ProcessUser;

/**
 * A lock for binding a socket to a path. Among all processes that share the directory, only one can hold it at a time.
 *
 * <p>While the lock is held, there is a directory {@code PATH~}, which only its owner can access, with a locked file in
 * it. Releasing the lock removes the directory and the file. If a process is killed, they remain, but the file is not
 * locked; the next holder reuses them.
 *
 * <p>Threading: for use by the thread that acquired the lock.
 */
final class BindLock implements Closeable {
    private static final Duration PATIENCE = Duration.ofSeconds(5);
    private static final Duration RETRY = Duration.ofMillis(10);
    private static final int MAX_LOCK_FILE_BYTES = 1 << 20;
    private static final Set<PosixFilePermission> OWNER_ONLY = PosixFilePermissions.fromString("rwx------");

    /** Excludes other threads of this process. The file lock does not, because it belongs to the process. */
    private static final ReentrantLock inThisProcess = new ReentrantLock();

    private final Path directory;
    private final Path file;
    private final FileChannel locked;

    private BindLock(Path directory, Path file, FileChannel locked) {
        this.directory = directory;
        this.file = file;
        this.locked = locked;
    }

    /**
     * Waits for the lock of a path.
     *
     * @throws BindException if another process holds the lock for several seconds, or if {@code PATH~} does not belong
     *     to this program
     */
    static BindLock acquire(Path path) throws IOException {
        Path directory = path.resolveSibling(path.getFileName() + "~");
        inThisProcess.lock();
        boolean isAcquired = false;
        try {
            long startNanos = System.nanoTime();
            while (true) {
                BindLock lock = tryAcquire(directory);
                if (lock != null) {
                    isAcquired = true;
                    return lock;
                }
                if (System.nanoTime() - startNanos > PATIENCE.toNanos()) {
                    throw new BindException("socket file: " + path + ": another server has been binding it for "
                            + PATIENCE.toSeconds() + " s (expected: to finish at once)");
                }
                LockSupport.parkNanos(RETRY.toNanos());
            }
        } finally {
            if (!isAcquired) {
                inThisProcess.unlock();
            }
        }
    }

    private static @Nullable BindLock tryAcquire(Path directory) throws IOException {
        try {
            Files.createDirectory(directory, PosixFilePermissions.asFileAttribute(OWNER_ONLY));
        } catch (FileAlreadyExistsException e) {
            refuseForeign(directory);
        }
        Path file = directory.resolve("lock");
        FileChannel channel;
        try {
            channel = FileChannel.open(
                    file, StandardOpenOption.CREATE, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);
        } catch (NoSuchFileException e) {
            return null; // the holder has released the lock and removed the directory
        }
        BindLock lock = null;
        try {
            if (channel.tryLock() != null && isAt(file, channel)) {
                lock = new BindLock(directory, file, channel);
            }
            return lock;
        } finally {
            if (lock == null) {
                channel.close();
            }
        }
    }

    private static void refuseForeign(Path directory) throws IOException {
        PosixFileAttributes found;
        int owner;
        try {
            found = Files.readAttributes(directory, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
            owner = (int) Files.getAttribute(directory, "unix:uid", LinkOption.NOFOLLOW_LINKS);
        } catch (NoSuchFileException e) {
            return; // already removed
        }
        if (!found.isDirectory() || !found.permissions().equals(OWNER_ONLY)) {
            throw new BindException(
                    directory + ": exists (expected: no such file, because the name is needed while binding)");
        }
        // Root may enter any directory, but the owner of this directory could put a link where the socket is created.
        int user = ProcessUser.uid();
        if (owner != user) {
            throw new BindException(directory + ": owned by uid " + owner + " (expected: no such file, or owned by uid "
                    + user + ", because the name is needed while binding)");
        }
    }

    /**
     * Whether a file that this process has locked is still the file at the path. The previous holder may have deleted
     * the file before it released the lock. The JDK does not provide the inode of an open file, and opening and closing
     * the file once more would release the lock. Therefore the locked file is given a random length, which is compared
     * with that of the file at the path.
     */
    private static boolean isAt(Path file, FileChannel locked) throws IOException {
        locked.truncate(0);
        locked.write(ByteBuffer.allocate(1), ThreadLocalRandom.current().nextInt(MAX_LOCK_FILE_BYTES));
        try {
            return Files.size(file) == locked.size();
        } catch (NoSuchFileException e) {
            return false;
        }
    }

    /** A directory that only this user can enter, on the same file system as the path. */
    Path directory() {
        return directory;
    }

    @Override
    public void close() throws IOException {
        try (locked) {
            Files.deleteIfExists(file);
            Files.deleteIfExists(directory);
        } catch (DirectoryNotEmptyException e) {
            // Another process that waits for the lock may already have created a new file. That process will delete the
            // directory.
        } finally {
            inThisProcess.unlock();
        }
    }
}
