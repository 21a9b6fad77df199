package org.kapacitorudf.internal.channel;

import java.io.Closeable;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Makes STDIN and STDOUT of this process inaccessible to everything else in it: code that opens descriptor 1 again, C
 * libraries that print, and child processes that inherit descriptors.
 *
 * <pre>
 *   0 -> pipe A, 1 -> pipe B    ->    0, 1 -> /dev/null, 7 -> pipe A, 8 -> pipe B
 * </pre>
 *
 * <p>Java cannot duplicate a descriptor, but it can open a pipe a second time by its name in {@code /proc}. When Java
 * closes one of the first three descriptors, it opens {@code /dev/null} in its place. Descriptors other than pipes are
 * left alone: a socket cannot be opened by name, and a file would be read or written from its start.
 */
final class PrivateStreams {
    /**
     * The system property with the number of the descriptor that is STDOUT. The launcher sets it if the JVM is started
     * with a Java agent that may print; in that case descriptor 1 is STDERR.
     */
    private static final String STDOUT_PROPERTY = "kapacitor-udf.stdout";

    private static final String DESCRIPTORS = "/proc/self/fd/";

    private PrivateStreams() {}

    /** Returns STDIN. If it is a pipe, it becomes inaccessible to other code. Call this method only once. */
    static FileChannel stdin() {
        FileInputStream shared = new FileInputStream(FileDescriptor.in);
        try {
            if (isPipe(0)) {
                FileInputStream own = new FileInputStream(DESCRIPTORS + 0);
                leaveToOthers(shared);
                return own.getChannel();
            }
        } catch (IOException e) {
            // The pipe cannot be opened again, for example because another user created it.
        }
        return shared.getChannel();
    }

    /** Returns STDOUT. If it is a pipe, it becomes inaccessible to other code. Call this method only once. */
    static FileChannel stdout() {
        Integer moved = Integer.getInteger(STDOUT_PROPERTY);
        if (moved != null) {
            return movedStdout(moved);
        }
        FileOutputStream shared = new FileOutputStream(FileDescriptor.out);
        try {
            if (isPipe(1)) {
                FileOutputStream own = new FileOutputStream(DESCRIPTORS + 1);
                leaveToOthers(shared);
                return own.getChannel();
            }
        } catch (IOException e) {
            // The pipe cannot be opened again, as for STDIN.
        }
        return shared.getChannel();
    }

    private static FileChannel movedStdout(int descriptor) {
        try {
            // Appends, because a file would be truncated otherwise.
            return new FileOutputStream(DESCRIPTORS + descriptor, true).getChannel();
        } catch (IOException e) {
            throw new UncheckedIOException("STDOUT: descriptor " + descriptor + " (expected: a pipe or a file)", e);
        }
    }

    private static boolean isPipe(int descriptor) throws IOException {
        return Files.readSymbolicLink(Path.of(DESCRIPTORS + descriptor))
                .toString()
                .startsWith("pipe:");
    }

    private static void leaveToOthers(Closeable shared) {
        try {
            shared.close();
        } catch (IOException e) {
            // Without /dev/null, the shared descriptor stays open. The new descriptor works nevertheless.
        }
    }
}
