package org.kapacitorudf.tools.conformance;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.channels.Channels;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.kapacitorudf.client.Frames;
import org.kapacitorudf.proto.EdgeType;
import org.kapacitorudf.testing.TinyAgent;

/** A correct agent on STDIN and STDOUT, in a separate JVM; its argument selects what it leaves behind at its end. */
public final class ProcessAgent {
    private static final Duration STAY = Duration.ofSeconds(30);

    private ProcessAgent() {}

    /** A command that starts it. */
    static List<String> command(String leavesBehind) {
        List<String> command = new ArrayList<>(TinyAgent.command(0, ProcessAgent.class, Frames.class));
        command.subList(command.size() - 2, command.size()).clear();
        command.addAll(List.of(ProcessAgent.class.getName(), leavesBehind));
        return command;
    }

    public static void main(String[] args) throws Exception {
        new RightAgent(EdgeType.STREAM).converse(new AgentServer(() -> null), new Stdio());
        System.out.close();
        switch (args[0]) {
            case "a thread" -> new Thread(ProcessAgent::stay).start();
            case "a child" ->
                new ProcessBuilder("sleep", Long.toString(STAY.toSeconds()))
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start();
            default -> {}
        }
    }

    private static void stay() {
        try {
            Thread.sleep(STAY.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static final class Stdio implements ByteChannel {
        private final ReadableByteChannel in = Channels.newChannel(System.in);
        private final WritableByteChannel out = Channels.newChannel(System.out);

        @Override
        public int read(ByteBuffer bytes) throws IOException {
            return in.read(bytes);
        }

        @Override
        public int write(ByteBuffer bytes) throws IOException {
            int written = out.write(bytes);
            System.out.flush();
            return written;
        }

        @Override
        public boolean isOpen() {
            return true;
        }

        @Override
        public void close() {}
    }
}
