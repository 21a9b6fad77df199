package org.kapacitorudf.tools.load;

import java.io.Closeable;
import java.io.File;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import org.kapacitorudf.client.Options;
import org.kapacitorudf.proto.EdgeType;
import org.kapacitorudf.proto.InfoRequest;
import org.kapacitorudf.proto.InfoResponse;
import org.kapacitorudf.proto.InitRequest;
import org.kapacitorudf.proto.InitResponse;
import org.kapacitorudf.proto.Option;
import org.kapacitorudf.proto.OptionInfo;
import org.kapacitorudf.proto.Request;
import org.kapacitorudf.proto.ValueType;

/**
 * A running subject: it opens connections, and reports the resource usage of its processes. Closing it stops everything
 * that was started for it.
 *
 * <p>Threading: for use by any thread, but by one at a time; {@link #close} at any time.
 *
 * <p>Errors: {@link LoadException} if the subject fails; the message contains the end of the subject's STDERR.
 */
final class RunningAgent implements Closeable {
    /** Limited, because each process has its own memory, and many more would exhaust the machine's memory. */
    private static final int MAX_PROCESSES = 64;

    private static final long LOOK_AGAIN_NANOS = TimeUnit.MILLISECONDS.toNanos(1);
    private static final int EXIT_LIMIT_SECONDS = 3;
    private static final int STDERR_LINES_SHOWN = 8;

    private final Subject subject;
    private final LoadPlan plan;
    private final Duration answerLimit;
    private final Path socket;
    private final File stderr;
    private final List<Process> children = new CopyOnWriteArrayList<>();
    private final List<Link> links = new CopyOnWriteArrayList<>();
    private final Set<String> optionsKnown = ConcurrentHashMap.newKeySet();

    private RunningAgent(Subject subject, LoadPlan plan, Duration answerLimit, Path directory, int number) {
        this.subject = subject;
        this.plan = plan;
        this.answerLimit = answerLimit;
        Path given = subject.socket();
        this.socket = given == null ? directory.resolve(number + ".sock") : given;
        this.stderr = directory.resolve(number + ".err").toFile();
    }

    /**
     * Starts what is needed before connections can be opened.
     *
     * @param answerLimit how long an answer may take
     * @param directory the directory for the agent's socket and log
     * @param number distinguishes the agent from the others in the directory
     */
    static RunningAgent start(Subject subject, LoadPlan plan, Duration answerLimit, Path directory, int number) {
        int connections = subject.connections(plan.connections());
        if (subject.isProcess() && connections > MAX_PROCESSES) {
            throw new LoadException(
                    subject.name() + ": " + connections + " processes (expected: at most " + MAX_PROCESSES + ")");
        }
        RunningAgent agent = new RunningAgent(subject, plan, answerLimit, directory, number);
        if (subject.reach() == Subject.Reach.SERVER) {
            try {
                agent.spawn();
                agent.connect().close();
            } catch (IOException e) {
                agent.close();
                throw agent.failure("does not start", e);
            }
        }
        return agent;
    }

    Subject subject() {
        return subject;
    }

    /** How long an answer may take. */
    Duration answerLimit() {
        return answerLimit;
    }

    /** The number of connections that the agent should have. */
    int connections() {
        return subject.connections(plan.connections());
    }

    /** Opens a connection, or starts a child; nothing has been sent on it yet. */
    Link open() {
        try {
            Link link = subject.isProcess() ? Link.to(spawn()) : connect();
            links.add(link);
            return link;
        } catch (NoSuchFileException e) {
            throw failure("does not start", new IOException("it ended immediately", e));
        } catch (IOException e) {
            throw failure(subject.isProcess() ? "does not start" : "cannot be connected to", e);
        }
    }

    /** Opens a connection and starts the function on it. */
    Link openInitialised() {
        Link link = open();
        if (!subject.isEcho()) {
            guarded("cannot be set up", answerLimit, List.of(link), () -> {
                init(link);
                return link;
            });
        }
        return link;
    }

    /** Opens a connection, starts the function on it, and closes the connection. */
    void openInitialisedOnce() {
        try (Link link = openInitialised()) {
            links.remove(link);
        } catch (IOException e) {
            throw failure("cannot be disconnected from", e);
        }
    }

    /** An exchange with the agent. */
    interface Conversation<T> {
        T run() throws IOException;
    }

    /** Runs an exchange with a time limit; if it fails, a {@link LoadException} is thrown. */
    <T> T guarded(String onFailure, Duration limit, List<Link> on, Conversation<T> conversation) {
        Closeable all = () -> {
            for (Link link : on) {
                link.close();
            }
        };
        DeadlineGuard guard = DeadlineGuard.over(all, limit);
        try (guard) {
            return conversation.run();
        } catch (IOException e) {
            throw failure(onFailure, guard.reason(e));
        }
    }

    private Process spawn() throws IOException {
        List<String> command = subject.command().stream()
                .map(word -> word.replace(Subject.SOCKET, String.valueOf(socket)))
                .toList();
        ProcessBuilder builder = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.appendTo(stderr));
        if (!subject.isProcess()) {
            builder.redirectOutput(ProcessBuilder.Redirect.DISCARD);
        }
        Process child = builder.start();
        children.add(child);
        return child;
    }

    private Link connect() throws IOException {
        long start = System.nanoTime();
        while (true) {
            try {
                return Link.connect(socket, plan.sendBufferBytes());
            } catch (IOException e) {
                boolean gone = children.stream().anyMatch(child -> !child.isAlive());
                boolean starting = subject.reach() == Subject.Reach.SERVER && !gone;
                if (!starting || System.nanoTime() - start > plan.startLimit().toNanos()) {
                    String within = starting ? " within --start-limit=" + seconds(plan.startLimit()) : "";
                    throw new IOException(
                            "socket: " + socket + " (expected: one that an agent listens on" + within + "): "
                                    + e.getMessage(),
                            e);
                }
            }
            LockSupport.parkNanos(LOOK_AGAIN_NANOS);
        }
    }

    private static String seconds(Duration time) {
        return BigDecimal.valueOf(time.toMillis(), 3).stripTrailingZeros().toPlainString() + "s";
    }

    private void init(Link link) throws IOException {
        InfoResponse info = link.ask(Request.newBuilder()
                        .setInfo(InfoRequest.getDefaultInstance())
                        .build())
                .getInfo();
        EdgeType sent = plan.batchPoints() > 0 ? EdgeType.BATCH : EdgeType.STREAM;
        if (info.getWants() != sent) {
            throw new IOException("wants: " + info.getWants() + " (expected: " + sent + ", the type of the input)");
        }
        InitRequest.Builder init = InitRequest.newBuilder().setTaskID("bench").setNodeID("bench2");
        for (String nameValue : plan.options()) {
            String name = nameValue.substring(0, nameValue.indexOf('='));
            OptionInfo option = info.getOptionsMap().get(name);
            if (option != null) {
                optionsKnown.add(name);
                init.addOptions(option(name, nameValue.substring(name.length() + 1), option.getValueTypesList()));
            }
        }
        InitResponse answer =
                link.ask(Request.newBuilder().setInit(init).build()).getInit();
        if (!answer.getSuccess()) {
            throw new IOException(answer.getError() + "; its options are " + signatures(info));
        }
    }

    private static Option option(String name, String value, List<ValueType> types) {
        try {
            return Options.parse(name, value, types);
        } catch (IllegalArgumentException e) {
            throw new LoadException(e.getMessage(), e);
        }
    }

    private static Map<String, List<ValueType>> signatures(InfoResponse info) {
        Map<String, List<ValueType>> signatures = new TreeMap<>();
        info.getOptionsMap().forEach((name, option) -> signatures.put(name, option.getValueTypesList()));
        return signatures;
    }

    /** The names of those options in the plan that the function also declares. */
    Set<String> optionsKnown() {
        return optionsKnown;
    }

    /** The resource usage of the agent's processes; zero if they cannot be found. */
    ProcessUsage usage() {
        return ProcessUsage.of(processes());
    }

    List<ProcessHandle> processes() {
        List<ProcessHandle> processes = new ArrayList<>();
        children.forEach(child -> processes.add(child.toHandle()));
        if (subject.reach() == Subject.Reach.SOCKET) {
            ProcessUsage.listener(socket).ifPresent(processes::add);
        }
        return processes;
    }

    LoadException failure(String what, Exception cause) {
        StringBuilder text = new StringBuilder(subject.name()).append(": ").append(what);
        text.append(": ").append(cause.getMessage() == null ? cause : cause.getMessage());
        try {
            if (stderr.exists()) {
                List<String> lines = Files.readAllLines(stderr.toPath());
                lines.subList(Math.max(0, lines.size() - STDERR_LINES_SHOWN), lines.size())
                        .forEach(line -> text.append("\n  STDERR: ").append(line));
            }
        } catch (IOException e) {
            text.append("\n  STDERR: ").append(e);
        }
        return new LoadException(text.toString(), cause);
    }

    /** Asks the agent to stop: connections are closed, and a server gets a SIGTERM. */
    void beginEnd() {
        for (Link link : links) {
            try {
                link.close();
            } catch (IOException e) {
                // It is closed nevertheless.
            }
        }
        if (!subject.isProcess()) {
            children.forEach(Process::destroy);
        }
    }

    /** Stops everything that was started for the agent; processes that do not exit soon are killed. */
    @Override
    public void close() {
        beginEnd();
        CompletableFuture<?>[] ends = children.stream().map(Process::onExit).toArray(CompletableFuture<?>[]::new);
        try {
            CompletableFuture.allOf(ends).get(EXIT_LIMIT_SECONDS, TimeUnit.SECONDS);
        } catch (TimeoutException | ExecutionException e) {
            // The remaining processes are killed below.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        for (Process child : children) {
            child.descendants().forEach(ProcessHandle::destroyForcibly);
            child.destroyForcibly();
        }
    }
}
