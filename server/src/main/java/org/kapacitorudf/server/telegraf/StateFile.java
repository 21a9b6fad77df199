package org.kapacitorudf.server.telegraf;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The file with a processor's state. The file is replaced atomically: whatever happens during a write, the file
 * contains either the complete old state or the complete new one.
 *
 * <pre>
 *   write:  FILE.part is written and forced to disk -> renamed to FILE
 *   aside:  FILE is renamed to FILE.bad
 * </pre>
 *
 * <p>Threading: one thread.
 */
final class StateFile {
    private final Path file;
    private final Path part;

    StateFile(Path file) {
        this.file = target(file);
        this.part = this.file.resolveSibling(this.file.getFileName() + ".part");
    }

    /** Resolves links, so that a write replaces the file and not a link to it. */
    private static Path target(Path file) {
        try {
            return file.toRealPath();
        } catch (IOException e) {
            return file;
        }
    }

    /**
     * The state; empty if there is no file yet.
     *
     * @param maxBytes the maximum size of the state
     * @throws IOException if the state cannot be read, or is too large
     */
    Optional<byte[]> read(long maxBytes) throws IOException {
        try {
            long size = Files.size(file);
            if (size > maxBytes) {
                throw new IOException(size + " bytes (expected: <= " + maxBytes + ", --max-snapshot-bytes)");
            }
            return Optional.of(Files.readAllBytes(file));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    /** Replaces the state. If this fails, the old state remains. */
    void write(byte[] state) throws IOException {
        try {
            try (FileChannel channel = FileChannel.open(
                    part, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)) {
                for (ByteBuffer bytes = ByteBuffer.wrap(state); bytes.hasRemaining(); ) {
                    channel.write(bytes);
                }
                channel.force(true);
            }
            Files.move(part, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            deletePart(e);
            throw e;
        }
    }

    private void deletePart(IOException failure) {
        try {
            Files.deleteIfExists(part);
        } catch (IOException e) {
            failure.addSuppressed(e);
        }
    }

    /** Returns a short reason for a failed file operation. */
    static @Nullable String reason(IOException problem) {
        if (problem instanceof NoSuchFileException missing) {
            return "no such directory (expected: that of " + missing.getFile() + ")";
        }
        if (problem instanceof AccessDeniedException denied) {
            return denied.getFile() + ": permission denied";
        }
        return problem.getMessage();
    }

    /** Renames the file with an unusable state, so that the next write does not overwrite it. Returns the new path. */
    Path aside() throws IOException {
        Path bad = file.resolveSibling(file.getFileName() + ".bad");
        return Files.move(file, bad, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    }

    @Override
    public String toString() {
        return file.toString();
    }
}
