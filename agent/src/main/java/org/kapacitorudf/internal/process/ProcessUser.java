package org.kapacitorudf.internal.process;

import com.sun.security.auth.module.UnixSystem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * The user that this process runs as.
 *
 * <p>Threading: safe for use by any thread.
 */
public final class ProcessUser {
    private static final Path THIS_PROCESS = Path.of("/proc/self");

    private ProcessUser() {}

    /** The numeric user id. */
    public static int uid() throws IOException {
        try {
            return (int) Files.getAttribute(THIS_PROCESS, "unix:uid");
        } catch (NoSuchFileException e) {
            // /proc is not mounted. The alternative loads a JDK library, which takes longer.
            return (int) new UnixSystem().getUid();
        }
    }
}
