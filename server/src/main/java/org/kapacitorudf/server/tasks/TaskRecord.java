package org.kapacitorudf.server.tasks;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.kapacitorudf.agent.Connection;
import org.kapacitorudf.agent.Ending;
import org.kapacitorudf.embed.ConnectionListener;
import org.kapacitorudf.server.tasks.RecordedTask.Failure;
import org.kapacitorudf.server.tasks.RecordedTask.Node;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Records the tasks of a server in a file: which are connected, which were connected when the previous server exited,
 * and their failures and reloads.
 *
 * <p>Connections are identified by number. The names of the task and the node do not suffice, because a replay in
 * Kapacitor uses the names of the replayed task.
 *
 * <p>Threading: safe for use by any thread. Changes are written shortly afterwards, by a separate thread. While the
 * server listens, this thread also looks regularly whether the file must be written again, because the last attempt
 * failed or because somebody has removed the file. {@link #reloading} and {@link #close} write before they return.
 */
final class TaskRecord implements ConnectionListener, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(TaskRecord.class);
    private static final Duration FAILURES_KEPT = Duration.ofDays(1);
    private static final int MAX_FAILURE_TEXT = 500;
    private static final long LOOK_SECONDS = 2;

    private final TaskFile file;
    private final InstantSource clock;
    private final Duration reloadsKept;
    private final ScheduledExecutorService writer;
    private final Object writing = new Object();

    /**
     * The state apart from open connections, by task: the nodes that lost their connection when a server exited, the
     * failures, and the reloads.
     */
    @GuardedBy("this")
    private final Map<String, RecordedTask> tasks = new TreeMap<>();

    @GuardedBy("this")
    private final Map<Long, Live> live = new HashMap<>();

    @GuardedBy("this")
    private boolean changed; // since the file was written

    @GuardedBy("this")
    private boolean writeAsked; // and not begun

    @GuardedBy("this")
    private boolean stopping;

    @GuardedBy("this")
    private boolean isEndPlanned;

    @GuardedBy("writing")
    private boolean warned; // that the file cannot be written

    @GuardedBy("writing")
    private boolean closed;

    private record Live(String task, Node node) {}

    /**
     * @param file the file, which this object closes
     * @param reloadsKept how long a reload is remembered
     */
    TaskRecord(TaskFile file, InstantSource clock, Duration reloadsKept) {
        this(
                file,
                clock,
                reloadsKept,
                new ScheduledThreadPoolExecutor(1, TaskRecord::thread, new ThreadPoolExecutor.DiscardPolicy()));
    }

    /** @param writer a single thread, which this object ends */
    TaskRecord(TaskFile file, InstantSource clock, Duration reloadsKept, ScheduledExecutorService writer) {
        this.file = file;
        this.clock = clock;
        this.reloadsKept = reloadsKept;
        this.writer = writer;
        if (!file.isToBeTaken()) {
            file.read().forEach(task -> tasks.put(task.task(), task.lost()));
        }
    }

    private static Thread thread(Runnable task) {
        Thread thread = new Thread(task, "udf-task-file");
        thread.setDaemon(true);
        return thread;
    }

    @Override
    public synchronized void started(Connection connection) {
        String task = connection.taskId();
        Node node = Node.open(connection.nodeId(), connection.function(), connection.openedAt());
        live.put(connection.number(), new Live(task, node));
        tasks.computeIfPresent(task, (id, known) -> without(known, node.node()).withFailure(null));
        writeSoon();
    }

    @Override
    public synchronized void ended(Connection connection, Ending ending) {
        Live ended = live.remove(connection.number());
        String task = connection.taskId();
        if (task.isEmpty()) {
            return;
        }
        boolean failed = switch (ending) {
            case FAILED, REFUSED, PROTOCOL -> true;
            // If a connection does not end in time while the server stops, the task has not failed.
            case OVERDUE -> !stopping;
            case CLEAN, STOPPED, PEER_GONE, GIVEN_UP -> false;
        };
        RecordedTask known = tasks.getOrDefault(task, RecordedTask.of(task));
        if (failed && !isConnected(task, connection.nodeId())) {
            String text = connection
                    .lastFailure()
                    .map(Connection.Failure::text)
                    .orElse(ending.name().toLowerCase(Locale.ROOT));
            tasks.put(task, known.withFailure(new Failure(clock.instant(), cut(text))));
        } else if (stopping && ended != null && !isConnected(task, ended.node.node())) {
            tasks.put(task, with(known, ended.node.withPlanned(isEndPlanned).lost()));
        }
        writeSoon();
    }

    private static String cut(String text) {
        return text.length() > MAX_FAILURE_TEXT ? text.substring(0, MAX_FAILURE_TEXT) + "..." : text;
    }

    private boolean isConnected(String task, String node) {
        return connected(task).contains(node);
    }

    private static RecordedTask without(RecordedTask task, String node) {
        return task.withNodes(task.nodes().stream()
                .filter(known -> !known.node().equals(node))
                .toList());
    }

    private static RecordedTask with(RecordedTask task, Node node) {
        List<Node> nodes = new ArrayList<>(without(task, node.node()).nodes());
        nodes.add(node);
        return task.withNodes(nodes);
    }

    /**
     * Called when the server has started to listen. Writes the server's functions to the file. If another server uses
     * the file, takes the file from that server first. The file is not taken earlier, so that a server that fails to
     * start changes nothing.
     *
     * @throws IOException if the file cannot be taken
     */
    void listening() throws IOException {
        synchronized (writing) {
            boolean isTaken = file.isToBeTaken();
            if (isTaken) {
                file.take();
            }
            synchronized (this) {
                if (isTaken) {
                    file.read()
                            .forEach(task -> tasks.putIfAbsent(
                                    task.task(), task.takenOver().lost()));
                    live.values()
                            .forEach(known ->
                                    tasks.computeIfPresent(known.task, (id, task) -> without(task, known.node.node())));
                }
                writeSoon();
            }
        }
        writer.scheduleWithFixedDelay(this::writeIfNeeded, LOOK_SECONDS, LOOK_SECONDS, TimeUnit.SECONDS);
    }

    /**
     * Called before the server exits. Tasks whose connections end from now on are to be restored.
     *
     * @param isPlanned whether the exit is intended; if so, the reloads after it do not count towards the limit
     */
    synchronized void stopping(boolean isPlanned) {
        stopping = true;
        isEndPlanned = isPlanned;
        writeSoon();
    }

    /** The tasks to restore: those that lost a connection, or were being reloaded, when a server exited. */
    synchronized List<RecordedTask> open() {
        return tasks.values().stream()
                .filter(task -> !task.nodes().isEmpty() || task.halfwaySince().isPresent())
                .toList();
    }

    /** The connected nodes of a task. */
    synchronized Set<String> connected(String task) {
        return live.values().stream()
                .filter(connected -> connected.task.equals(task))
                .map(connected -> connected.node.node())
                .collect(Collectors.toSet());
    }

    /** Called before a task is reloaded. */
    void reloading(String task) throws IOException {
        synchronized (this) {
            tasks.computeIfPresent(task, (id, known) -> known.reloading(clock.instant()));
        }
        write();
    }

    /**
     * Called when a reload after a planned exit has failed. Like this reload, the next attempt does not count towards
     * the limit.
     */
    synchronized void stillPlanned(String task) {
        tasks.computeIfPresent(task, (id, known) -> known.stillPlanned());
        writeSoon();
    }

    /** Called when nothing more has to be done for a task. */
    void settled(String task) {
        synchronized (this) {
            tasks.computeIfPresent(task, (id, known) -> known.reloaded().withNodes(List.of()));
            writeSoon();
        }
    }

    /**
     * Called when an error ends the reload of a task. The task is not reloaded again until it has connected by other
     * means.
     */
    void failed(String task, String text) {
        synchronized (this) {
            tasks.computeIfPresent(
                    task, (id, known) -> known.reloaded().withFailure(new Failure(clock.instant(), cut(text))));
            writeSoon();
        }
    }

    @GuardedBy("this")
    private void writeSoon() {
        changed = true;
        if (writeAsked) {
            return;
        }
        try {
            writer.execute(this::writeChange);
            writeAsked = true;
        } catch (OutOfMemoryError e) {
            // There is no memory for a thread. The next event or the next look writes the change.
        }
    }

    private void writeChange() {
        boolean isChanged;
        synchronized (this) {
            writeAsked = false;
            isChanged = changed;
        }
        if (isChanged) {
            writeOrWarn();
        }
    }

    /** Writes the file if there are changes, or if the file has been removed. Never throws. */
    private void writeIfNeeded() {
        try {
            synchronized (writing) {
                if (isChanged() || file.isRemoved()) {
                    writeOrWarn();
                }
            }
        } catch (Throwable e) {
            LOG.debug("task file: {}: the next look tries again", file.path(), e);
        }
    }

    private synchronized boolean isChanged() {
        return changed;
    }

    private void writeOrWarn() {
        synchronized (writing) {
            try {
                write();
                warned = false;
            } catch (IOException | RuntimeException | Error e) {
                if (!warned) {
                    warned = true;
                    LOG.warn(
                            "task file: {}: cannot be written, so tasks may not be reloaded after a restart: {}",
                            file.path(),
                            e.toString());
                }
            }
        }
    }

    private void write() throws IOException {
        synchronized (writing) {
            if (closed) {
                return; // Another server may use the file by now.
            }
            boolean written = false;
            try {
                List<RecordedTask> content;
                synchronized (this) {
                    changed = false;
                    content = content();
                }
                file.write(content);
                written = true;
            } finally {
                if (!written) {
                    synchronized (this) {
                        changed = true;
                    }
                }
            }
        }
    }

    /**
     * Returns the content of the file, for the next server. It includes the open connections, because they will be lost
     * when the next server reads it.
     */
    @GuardedBy("this")
    private List<RecordedTask> content() {
        Instant now = clock.instant();
        tasks.replaceAll((id, task) -> task.since(now.minus(reloadsKept), now.minus(FAILURES_KEPT)));
        tasks.values().removeIf(RecordedTask::isEmpty);
        Map<String, RecordedTask> content = new TreeMap<>(tasks);
        for (Live connected : live.values()) {
            Node node = connected.node.withPlanned(isEndPlanned);
            content.merge(
                    connected.task,
                    RecordedTask.of(connected.task).withNodes(List.of(node)),
                    (known, added) -> withEarliest(known, node));
        }
        return List.copyOf(content.values());
    }

    /**
     * Adds a node. If two nodes have the same name, only the one that was connected earlier is kept, because it belongs
     * to the task itself, and the other one to a replay.
     */
    private static RecordedTask withEarliest(RecordedTask task, Node node) {
        boolean later = task.nodes().stream()
                .anyMatch(known ->
                        known.node().equals(node.node()) && known.openedAt().isBefore(node.openedAt()));
        return later ? task : with(task, node);
    }

    /** Writes pending changes, and releases the file. */
    @Override
    public void close() {
        writer.shutdown();
        try {
            synchronized (writing) {
                writeOrWarn();
                closed = true;
                file.close();
            }
        } catch (IOException e) {
            LOG.warn("task file: {}: {}", file.path(), e.toString());
        }
    }
}
