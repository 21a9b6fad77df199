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
import org.kapacitorudf.internal.process.ProcessUser;

/**
 * The right to bind a socket to a path: one at a time has it, of all processes that share the directory.
 *
 * <p>While it is held there is a directory {@code PATH~}, open to its owner alone, with a locked file in it. Both are
 * gone afterwards; what a killed process leaves behind is not locked, and is taken over.
 *
 * <p>Threading: for the thread that acquired it.
 */
final class BindLock implements Closeable {
    private static final Duration PATIENCE = Duration.ofSeconds(5);
    private static final Duration RETRY = Duration.ofMillis(10);
    private static final int MAX_LOCK_FILE_BYTES = 1 << 20;
    private static final Set<PosixFilePermission> OWNER_ONLY = PosixFilePermissions.fromString("rwx------");

    /** File locks belong to the process: they do not keep its own threads apart. */
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
     * Waits for the right to bind to a path.
     *
     * @throws BindException if another process keeps it, or what is at {@code PATH~} is not of this program
     */
    static BindLock acquire(Path path) throws IOException {
        Path directory = path.resolveSibling(path.getFileName() + "~");
        inThisProcess.lock();
        BindLock lock = null;
        try {
            long startNanos = System.nanoTime();
            while ((lock = tryAcquire(directory)) == null) {
                if (System.nanoTime() - startNanos > PATIENCE.toNanos()) {
                    throw new BindException("socket file: " + path + ": another server has been starting there for "
                            + PATIENCE.toSeconds() + " s (expected: to finish at once)");
                }
                LockSupport.parkNanos(RETRY.toNanos());
            }
            return lock;
        } finally {
            if (lock == null) {
                inThisProcess.unlock();
            }
        }
    }

    private static BindLock tryAcquire(Path directory) throws IOException {
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
            return null; // the directory went away meanwhile: its lock was given back
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
            return; // gone meanwhile
        }
        if (!found.isDirectory() || !found.permissions().equals(OWNER_ONLY)) {
            throw new BindException(directory + ": exists (expected: none, its name is needed while binding)");
        }
        // Root may enter anybody's directory; but whoever owns it could put a link where the socket is made.
        int user = ProcessUser.uid();
        if (owner != user) {
            throw new BindException(directory + ": owned by uid " + owner + " (expected: none, or of uid " + user
                    + "; its name is needed while binding)");
        }
    }

    /**
     * Whether a locked file is the one at the path, and not one that its last holder has deleted before it gave the lock
     * back. The JDK does not tell the inode of an open file, and to open it once more would drop the lock; so the file
     * gets a length that no other has.
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

    /** A directory on the same file system, which nobody else may enter. */
    Path directory() {
        return directory;
    }

    @Override
    public void close() throws IOException {
        try (locked) {
            Files.deleteIfExists(file);
            Files.deleteIfExists(directory);
        } catch (DirectoryNotEmptyException e) {
            // Somebody who waits for the lock has made a new file already: the directory is theirs to delete.
        } finally {
            inThisProcess.unlock();
        }
    }
}
