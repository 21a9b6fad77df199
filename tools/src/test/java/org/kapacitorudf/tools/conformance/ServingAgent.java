package org.kapacitorudf.tools.conformance;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.kapacitorudf.proto.EdgeType;

/** A correct agent on a socket, in a separate JVM that ends at a certain keepalive request. */
public final class ServingAgent {
    static final long END = 7;

    private ServingAgent() {}

    /** A command that starts it. */
    static List<String> command() {
        List<String> command = new ArrayList<>(ProcessAgent.command("nothing"));
        command.subList(command.size() - 2, command.size()).clear();
        command.addAll(List.of(ServingAgent.class.getName(), AgentUnderTest.SOCKET));
        return command;
    }

    public static void main(String[] args) throws Exception {
        AgentServer server = new AgentServer(() -> new RightAgent(EdgeType.STREAM) {
            @Override
            void keepalive(long time) throws Exception {
                if (time == END) {
                    System.err.println("enough");
                    System.exit((int) END);
                }
                super.keepalive(time);
            }
        });
        server.start(Path.of(args[0])).awaitClose();
    }
}
