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
 * A lock for binding a socket to a path: one holder at a time among all processes that share the directory.
 *
 * <p>While it is held there is a directory {@code PATH~}, accessible to its owner only, with a locked file in it. Both
 * are removed afterwards. Leftovers of a killed process are not locked, and are reused.
 *
 * <p>Threading: for the thread that acquired it.
 */
final class BindLock implements Closeable {
    private static final Duration PATIENCE = Duration.ofSeconds(5);
    private static final Duration RETRY = Duration.ofMillis(10);
    private static final int MAX_LOCK_FILE_BYTES = 1 << 20;
    private static final Set<PosixFilePermission> OWNER_ONLY = PosixFilePermissions.fromString("rwx------");

    /** File locks belong to the process, so they do not exclude other threads of the same process. */
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
     * @throws BindException if another process holds it for several seconds, or if {@code PATH~} does not belong to
     *     this program
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
            return null; // the directory was removed meanwhile, because the lock was released
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
        // Root may enter any directory, but the owner of this one could put a link where the socket is created.
        int user = ProcessUser.uid();
        if (owner != user) {
            throw new BindException(directory + ": owned by uid " + owner + " (expected: no such file, or owned by uid "
                    + user + ", because the name is needed while binding)");
        }
    }

    /**
     * Whether a locked file is still the one at the path. The previous holder of the lock may have deleted the file
     * before releasing the lock. The JDK does not provide the inode of an open file, and opening and closing the file
     * once more would release the lock. Therefore the locked file is given a random length, which is compared with that
     * of the file at the path.
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

    /** A directory on the same file system that only this user can enter. */
    Path directory() {
        return directory;
    }

    @Override
    public void close() throws IOException {
        try (locked) {
            Files.deleteIfExists(file);
            Files.deleteIfExists(directory);
        } catch (DirectoryNotEmptyException e) {
            // Another process that waits for the lock may already have created a new file; it will delete the
            // directory.
        } finally {
            inThisProcess.unlock();
        }
    }
}
