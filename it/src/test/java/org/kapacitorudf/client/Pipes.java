package org.kapacitorudf.client;

import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/** Two pipes between a stand-in and an agent in this JVM, like STDIN and STDOUT of a child process. */
public record Pipes(FileChannel agentIn, FileChannel agentOut, FileChannel toAgent, FileChannel fromAgent) {
    /** The stand-in at their other end. */
    public Kapacitor kapacitor(Kapacitor.Builder builder) {
        return builder.over(new PipeTransport(this));
    }

    /** Creates pairs of pipes, many at a time, because each time costs a process. Safe for use by any thread. */
    public static final class Maker {
        private static final int FILES_AT_A_TIME = 200;

        private final Path directory;
        private final Deque<Path> files = new ArrayDeque<>(); // guarded by this
        private int made; // guarded by this

        public Maker(Path directory) {
            this.directory = directory;
        }

        public Pipes next() throws IOException {
            Path in = file();
            Path out = file();
            // Opening one end by name waits for the other, but not if both ends are opened.
            try (RandomAccessFile bothIn = new RandomAccessFile(in.toFile(), "rw");
                    RandomAccessFile bothOut = new RandomAccessFile(out.toFile(), "rw")) {
                return new Pipes(toRead(in), toWrite(out), toWrite(in), toRead(out));
            } finally {
                Files.delete(in);
                Files.delete(out);
            }
        }

        private synchronized Path file() throws IOException {
            if (files.isEmpty()) {
                List<String> command = new ArrayList<>(List.of("mkfifo"));
                for (int i = 0; i < FILES_AT_A_TIME; i++) {
                    files.add(directory.resolve("pipe" + made++));
                    command.add(files.getLast().toString());
                }
                new ProcessBuilder(command).inheritIO().start().onExit().join();
            }
            return files.remove();
        }

        private static FileChannel toRead(Path path) throws IOException {
            return new FileInputStream(path.toFile()).getChannel();
        }

        private static FileChannel toWrite(Path path) throws IOException {
            return new FileOutputStream(path.toFile()).getChannel();
        }
    }

    private record PipeTransport(Pipes pipes) implements Transport {
        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            ByteBuffer buffer = ByteBuffer.wrap(bytes, offset, length);
            while (buffer.hasRemaining()) {
                pipes.toAgent.write(buffer);
            }
        }

        @Override
        public void endInput() throws IOException {
            pipes.toAgent.close();
        }

        @Override
        public int read(byte[] buffer, int offset, int length) throws IOException {
            return pipes.fromAgent.read(ByteBuffer.wrap(buffer, offset, length));
        }

        @Override
        public void release() {
            kill();
        }

        @Override
        public void drop() {
            kill();
        }

        @Override
        public void kill() {
            try (pipes.toAgent) {
                pipes.fromAgent.close();
            } catch (IOException e) {
                // It is closed nevertheless.
            }
        }
    }
}
