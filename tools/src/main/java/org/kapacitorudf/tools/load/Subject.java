package org.kapacitorudf.tools.load;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * An agent to measure, and how to reach it.
 *
 * <p>Threading: immutable.
 */
public final class Subject {
    /** The placeholder for the path of the socket in the command of a {@link #server}. */
    public static final String SOCKET = "{socket}";

    private static final int AS_PLANNED = 0;

    enum Reach {
        SOCKET,
        SERVER,
        PROCESS
    }

    private enum Role {
        AGENT,
        ECHO,
        BARE_JVM
    }

    private final String name;
    private final Reach reach;
    private final List<String> command;
    private final @Nullable Path socket;
    private final Role role;
    private final int connections;

    private Subject(String name, Reach reach, List<String> command, @Nullable Path socket, Role role, int connections) {
        this.name = Objects.requireNonNull(name, "name");
        this.reach = reach;
        this.command = command;
        this.socket = socket;
        this.role = role;
        this.connections = connections;
    }

    /** An agent that already listens. */
    public static Subject socket(String name, Path socket) {
        return new Subject(name, Reach.SOCKET, List.of(), socket, Role.AGENT, AS_PLANNED);
    }

    /**
     * An agent that listens after it has been started.
     *
     * @param command the command, with {@link #SOCKET} in place of the path of the socket
     */
    public static Subject server(String name, List<String> command) {
        if (command.stream().noneMatch(word -> word.contains(SOCKET))) {
            throw new IllegalArgumentException(
                    "command: " + String.join(" ", command) + " (expected: one with " + SOCKET + ")");
        }
        return new Subject(name, Reach.SERVER, List.copyOf(command), null, Role.AGENT, AS_PLANNED);
    }

    /** An agent that is started for each connection, and uses STDIN and STDOUT. */
    public static Subject process(String name, List<String> command) {
        if (command.isEmpty()) {
            throw new IllegalArgumentException("command: empty (expected: a program)");
        }
        return new Subject(name, Reach.PROCESS, List.copyOf(command), null, Role.AGENT, AS_PLANNED);
    }

    /**
     * A subject that returns all bytes unchanged, on a socket or on STDIN and STDOUT: as fast as any agent could be.
     */
    static Subject echo(boolean process) {
        return process
                ? new Subject("raw echo", Reach.PROCESS, EchoServer.command(), null, Role.ECHO, AS_PLANNED)
                : new Subject("raw echo", Reach.SERVER, EchoServer.command(SOCKET), null, Role.ECHO, AS_PLANNED);
    }

    /**
     * A JVM that prints one line.
     *
     * @param words the command line of another JVM; its flags are used, but not its class path, its main class and
     *     arguments, or its class-data archive (which depends on the class path)
     */
    static Subject bareJvm(List<String> words) {
        List<String> command = new ArrayList<>();
        for (int i = 0; i < words.size(); i++) {
            String word = words.get(i);
            if (word.equals("-cp")) {
                i++;
            } else if (i > 0 && !word.startsWith("-")) {
                break;
            } else if (!word.startsWith("-XX:SharedArchiveFile=")) {
                command.add(word);
            }
        }
        command.addAll(List.of("-cp", EchoServer.location(), OneLineProgram.class.getName()));
        return new Subject("bare JVM", Reach.PROCESS, command, null, Role.BARE_JVM, AS_PLANNED);
    }

    /** Returns a copy with another name, and with this number of connections regardless of the plan. */
    public Subject withConnections(String otherName, int count) {
        return new Subject(otherName, reach, command, socket, role, count);
    }

    public String name() {
        return name;
    }

    public boolean isProcess() {
        return reach == Reach.PROCESS;
    }

    /** The number of connections: {@code planned}, unless the subject has a number of its own. */
    int connections(int planned) {
        return connections == AS_PLANNED ? planned : connections;
    }

    Reach reach() {
        return reach;
    }

    List<String> command() {
        return command;
    }

    @Nullable
    Path socket() {
        return socket;
    }

    boolean isEcho() {
        return role == Role.ECHO;
    }

    boolean isBareJvm() {
        return role == Role.BARE_JVM;
    }
}
