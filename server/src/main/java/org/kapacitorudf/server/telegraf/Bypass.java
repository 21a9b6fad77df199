package org.kapacitorudf.server.telegraf;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/**
 * Reads STDIN to its end without a function, for a processor that cannot run. Telegraf would restart a processor that
 * ends again and again, and each time lose the data that it had read.
 *
 * <p>Threading: one thread.
 */
public final class Bypass {
    private static final int BUFFER_BYTES = 64 * 1024;

    private final boolean passes;

    /** @param passes whether the input is copied to the output; otherwise it is dropped */
    public Bypass(boolean passes) {
        this.passes = passes;
    }

    /** Runs until the input ends. */
    public void run(InputStream in, OutputStream out) throws IOException {
        byte[] buffer = new byte[BUFFER_BYTES];
        for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
            if (passes) {
                out.write(buffer, 0, count);
                out.flush();
            }
        }
    }
}
