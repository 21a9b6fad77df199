package org.kapacitorudf.server.command;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/**
 * A file for a result that takes a long time to compute. It is opened before the computation, so that an unwritable
 * path is detected early. It is replaced as a whole or not at all:
 * <pre>
 *   at: FILE.part is created -> written to part() -> commit: FILE.part becomes FILE
 *                                              -> close:  FILE.part is deleted
 * </pre>
 * An existing file that is not a regular file, such as a pipe or {@code /dev/stdout}, is written directly.
 *
 * <p>Threading: one thread.
 */
final class ResultFile implements AutoCloseable {
    private final Path file;
    private final Path part;
    private boolean committed;

    private ResultFile(Path file, Path part) {
        this.file = file;
        this.part = part;
    }

    /** @throws IOException if the file cannot be written */
    static ResultFile at(Path file) throws IOException {
        if (Files.isDirectory(file)) {
            throw new IOException("a directory");
        }
        boolean isSpecial = Files.exists(file) && !Files.isRegularFile(file);
        if (isSpecial) {
            return new ResultFile(file, file);
        }
        Path target = Files.exists(file) ? file.toRealPath() : file;
        Path part = target.resolveSibling(target.getFileName() + ".part");
        Files.write(part, new byte[0]);
        return new ResultFile(target, part);
    }

    /** The file to write to. */
    Path part() {
        return part;
    }

    /** Completes the file. */
    void commit() throws IOException {
        if (!part.equals(file)) {
            Files.move(part, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
        }
        committed = true;
    }

    @Override
    public void close() throws IOException {
        if (!committed && !part.equals(file)) {
            Files.deleteIfExists(part);
        }
    }
}
