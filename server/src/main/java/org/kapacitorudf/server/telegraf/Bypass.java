package org.kapacitorudf.server.telegraf;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/**
 * Reads STDIN to its end without a function. Used if a processor cannot run. If the processor exited, Telegraf would
 * restart it repeatedly, and each time the data already read would be lost.
 *
 * <p>Threading: one thread calls {@link #run}; any thread may call {@link #stop}.
 */
public final class Bypass {
    private static final int BUFFER_BYTES = 64 * 1024;

    private final boolean passes;
    private final CompletableFuture<Void> end = new CompletableFuture<>();

    /** @param passes whether the input is copied to the output; otherwise it is dropped */
    public Bypass(boolean passes) {
        this.passes = passes;
    }

    /** Makes {@link #run} return before the end of STDIN. */
    public void stop() {
        end.complete(null);
    }

    /** Runs until the input ends or {@link #stop} is called. */
    public void run(InputStream in, OutputStream out) throws IOException {
        // In a separate thread, because a read of a pipe cannot be interrupted.
        Thread thread = new Thread(() -> copy(in, out), "kapacitor-udf-bypass");
        thread.setDaemon(true);
        thread.start();
        try {
            end.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException e) {
            throw new IOException(e.getCause());
        }
    }

    private void copy(InputStream in, OutputStream out) {
        byte[] buffer = new byte[BUFFER_BYTES];
        try {
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                if (passes) {
                    out.write(buffer, 0, count);
                    out.flush();
                }
            }
            end.complete(null);
        } catch (IOException | RuntimeException e) {
            end.completeExceptionally(e);
        }
    }
}
