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
 * STDIN and STDOUT of this process, taken out of the reach of everything else that runs in it: of code that opens descriptor 1 again, of a library in C that prints,
 * of a child that was given what its parent has.
 *
 * <pre>
 *   0 -> pipe A, 1 -> pipe B    ->    0, 1 -> /dev/null, 7 -> pipe A, 8 -> pipe B
 * </pre>
 *
 * <p>Java can duplicate no descriptor, but it can open a pipe a second time, by its name in {@code /proc}; and when it is told to close one of the first three
 * descriptors, it puts {@code /dev/null} in its place. What is no pipe stays where it is: a socket cannot be opened by a name, and a file would begin anew.
 */
final class PrivateStreams {
    /** Set by the launcher if the JVM was started with an agent that may print: the descriptor that is STDOUT; descriptor 1 is STDERR then. */
    private static final String STDOUT_PROPERTY = "kapacitor-udf.stdout";

    private static final String DESCRIPTORS = "/proc/self/fd/";

    private PrivateStreams() {}

    /** To be called once. */
    static FileChannel stdin() {
        FileInputStream shared = new FileInputStream(FileDescriptor.in);
        try {
            if (isPipe(0)) {
                FileInputStream own = new FileInputStream(DESCRIPTORS + 0);
                leaveToOthers(shared);
                return own.getChannel();
            }
        } catch (IOException e) {
            // Not ours to open: the one who made the pipe was another user, for example.
        }
        return shared.getChannel();
    }

    /** To be called once. */
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
            // As above.
        }
        return shared.getChannel();
    }

    private static FileChannel movedStdout(int descriptor) {
        try {
            // Appending: a file that is opened again would be emptied.
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
            // Without a /dev/null it stays as it was. What we have opened is as good.
        }
    }
}
