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
 * The file with a processor's state. It is replaced atomically: a reader sees the state from before or after a write,
 * whatever happens meanwhile.
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

    /** Resolves a link, so that the file it refers to is replaced, and not the link. */
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
     * @param maxBytes its maximum size
     * @throws IOException if it cannot be read, or is too large
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

    /** Replaces the state. The old one remains if this fails. */
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

    /** Moves an unusable state to a name where it is not overwritten; returns that name. */
    Path aside() throws IOException {
        Path bad = file.resolveSibling(file.getFileName() + ".bad");
        return Files.move(file, bad, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    }

    @Override
    public String toString() {
        return file.toString();
    }
}
