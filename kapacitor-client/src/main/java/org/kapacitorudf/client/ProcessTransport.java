package org.kapacitorudf.client;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/** A child process with its STDIN and STDOUT. */
final class ProcessTransport implements Transport {
    private final Process process;
    private final OutputStream stdin;
    private final InputStream stdout;

    ProcessTransport(Process process) {
        this.process = process;
        stdin = process.getOutputStream();
        stdout = process.getInputStream();
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        stdin.write(bytes, offset, length);
        // The JDK buffers STDIN, Kapacitor does not.
        stdin.flush();
    }

    @Override
    public void endInput() throws IOException {
        stdin.close();
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
        return stdout.read(buffer, offset, length);
    }

    @Override
    public void release() {
        // Kapacitor keeps its ends of the pipes open until the child has exited.
    }

    @Override
    public void drop() {
        // The writing thread closes STDIN when it ends. If STDIN were closed here, this thread would wait for a blocked
        // write.
        try {
            stdout.close();
        } catch (IOException e) {
            // STDOUT is closed in spite of the exception.
        }
    }

    @Override
    public void kill() {
        process.destroyForcibly();
    }
}
