package org.kapacitorudf.streams;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.jspecify.annotations.Nullable;
import org.kapacitorudf.Batch;
import org.kapacitorudf.BatchBegin;
import org.kapacitorudf.BatchEnd;
import org.kapacitorudf.Output;
import org.kapacitorudf.Point;
import org.kapacitorudf.errors.UdfException;
import org.kapacitorudf.internal.host.HandlerHost;
import org.kapacitorudf.internal.line.LineWriter;
import org.kapacitorudf.internal.snapshot.SnapshotSeed;
import org.kapacitorudf.internal.wire.BatchPoint;
import org.kapacitorudf.internal.wire.PointAccess;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs the handler of one partition: the handler gets the points of the partition's groups, and what it emits is sent
 * to the output topic.
 *
 * <p>Changes of the state are written to the store before a commit, or earlier if there are many, so that Kafka commits
 * them together with the offsets and the output. With the policy {@code restart}, the changes are written after each
 * call. If a call fails and the policy does not let the handler continue, the stream thread ends, and the record is
 * read again. A skipped point is sent to the dead letters. Windows that were closed are written after the state.
 *
 * <p>Threading: used by one stream thread, which also sends what the handler's own threads emit.
 */
final class HandlerProcessor implements Processor<byte[], byte[], byte[], byte[]> {
    private static final PointAccess<Point> POINTS = PointAccess.of(Point.class);
    private static final Logger LOG = LoggerFactory.getLogger(HandlerProcessor.class);

    /** The interval at which a stream thread wakes up without data. */
    private static final Duration WAKE_INTERVAL = Duration.ofMillis(100);

    /** A record of a batch is sent when it exceeds this size: half of Kafka's default limit of 1 MB for a record. */
    private static final int MAX_RECORD_BYTES = 512 * 1024;

    private final Settings settings;
    private final FunctionCounts functionCounts;
    private final PartitionCheck partitionCheck;
    private final LineWriter lines = new LineWriter();

    private ProcessorContext<byte[], byte[]> context;
    private Forwarding output;
    private int partition;
    private PartitionCounts counts;
    private WriteBehindStore store;
    private StoreBackend backend;
    private int maxUnsavedGroups;
    private @Nullable OpenWindows windows; // null for a function that takes points
    private HandlerHost host;
    private long latestNanos; // the most recent time of the timers' clock
    private long recordMillis;
    private @Nullable String thrown; // the text of what the current call threw; null for none
    private boolean isEarlyLogged;

    HandlerProcessor(Settings settings, FunctionCounts functionCounts, PartitionCheck partitionCheck) {
        this.settings = settings;
        this.functionCounts = functionCounts;
        this.partitionCheck = partitionCheck;
    }

    @Override
    public void init(ProcessorContext<byte[], byte[]> processorContext) {
        // Kafka may use a closed processor again.
        context = processorContext;
        output = new Forwarding();
        windows = null;
        thrown = null;
        recordMillis = context.currentSystemTimeMs();
        partition = context.taskId().partition();
        counts = functionCounts.partition(partition);
        store = context.getStateStore(settings.stateStore());
        backend = new StoreBackend(store.values(), settings.maxValueBytes());
        settings.seed().ifPresent(this::seed);
        settings.window().ifPresent(this::openWindows);
        counts.restored(store.values().approximateNumEntries());
        host = HandlerHost.of(settings.function(), () -> Instant.ofEpochMilli(context.currentSystemTimeMs()), output)
                .config(settings.config())
                .options(settings.options())
                .place(context.applicationId(), settings.name() + "-" + partition)
                .nanoTime(this::nanoTime)
                .state(backend)
                .savedOnRequest()
                .onThrown((text, cause) -> thrown = text)
                .build();
        Optional<String> error = host.start();
        rethrow();
        error.ifPresent(text -> {
            throw new UdfException(text);
        });
        counts.began(host);
        settled();
        saved();
        store.beforeCommit(Optional.of(this::saveBeforeCommit));
        context.schedule(WAKE_INTERVAL, PunctuationType.WALL_CLOCK_TIME, this::wake);
    }

    private void seed(SnapshotSeed seed) {
        int groups = backend.seed(values -> seed.writeTo(values, group -> partitionOf(group) == partition));
        if (groups >= 0) {
            LOG.info("{}-{}: seeded with {} groups", settings.name(), partition, groups);
        }
    }

    private int partitionOf(String group) {
        return GroupPartitioner.partition(group.getBytes(StandardCharsets.UTF_8), settings.partitions());
    }

    private void openWindows(Duration length) {
        windows = new OpenWindows(
                context.getStateStore(settings.windowStore()),
                length.toNanos(),
                settings.grace().toNanos(),
                settings.maxOpenPoints(),
                latestCredibleNanos());
    }

    /** A clock for timers: it follows Kafka's, but never goes back. */
    private long nanoTime() {
        latestNanos = Math.max(latestNanos, TimeUnit.MILLISECONDS.toNanos(context.currentSystemTimeMs()));
        return latestNanos;
    }

    @Override
    public void process(Record<byte[], byte[]> record) {
        recordMillis = record.timestamp();
        byte[] bytes = record.value();
        Point point = POINTS.decode(bytes, 0, bytes.length);
        partitionCheck.see(record.key(), partition);
        OpenWindows open = windows;
        if (open == null) {
            host.point(point);
            settled().ifPresent(reason -> letter(point, reason));
        } else {
            addToWindow(open, point, bytes);
        }
        if (host.unsavedGroups() > maxUnsavedGroups) {
            saveChanges();
        }
    }

    private void saveBeforeCommit() {
        try {
            saveChanges();
        } catch (UdfException e) {
            functionCounts.saveFailed(e);
            throw e;
        }
        OpenWindows open = windows;
        if (open != null) {
            open.write();
        }
    }

    private void saveChanges() {
        host.saveChanges();
        settled();
        saved();
    }

    /**
     * Updates the estimates that depend on the size of a value, which is known only once the value has been written.
     */
    private void saved() {
        long valueBytes = Math.max(1, backend.meanValueBytes());
        maxUnsavedGroups = (int) Math.min(settings.maxUnwrittenGroups(), settings.maxUnwrittenBytes() / valueBytes);
        counts.stateBytes(valueBytes * store.values().approximateNumEntries());
    }

    private void addToWindow(OpenWindows open, Point point, byte[] bytes) {
        if (point.timeNanos() > latestCredibleNanos()) {
            letter(
                    point,
                    "time: " + point.time() + " (expected: <= " + instantOf(latestCredibleNanos())
                            + ", as far ahead of the wall clock as maxEventTimeAhead allows)");
            return;
        }
        if (!open.add(point, bytes)) {
            counts.late();
            letter(point, "late: its window has been closed");
        }
        open.advance(point.timeNanos(), this::give);
        if (open.unwrittenBytes() > settings.maxUnwrittenBytes()) {
            context.commit();
        }
        if (open.closeEarly(this::give) && !isEarlyLogged) {
            isEarlyLogged = true;
            LOG.warn(
                    "{}-{}: windows are closed early: more than {} points are open (expected: fewer; larger maxOpenPoints,"
                            + " shorter windows or a shorter grace)",
                    settings.name(),
                    partition,
                    settings.maxOpenPoints());
        }
    }

    /**
     * The latest time that is accepted for a window. A later one comes from a wrong clock: its window would stay open
     * for years.
     */
    private long latestCredibleNanos() {
        return TimeUnit.MILLISECONDS.toNanos(context.currentSystemTimeMs())
                + settings.config().maxEventTimeAhead().toNanos();
    }

    private static Instant instantOf(long nanos) {
        return Instant.ofEpochSecond(0, nanos);
    }

    private void give(Batch batch) {
        host.inTurn(() -> {
            host.beginBatch(new BatchBegin(
                    batch.name(), batch.group(), batch.tags(), batch.points().size(), batch.byName()));
            for (Point point : batch.points()) {
                if (host.isRunning()) {
                    byte[] bytes = BatchPoint.of(point.encoded());
                    host.point(POINTS.decode(bytes, 0, bytes.length));
                }
            }
            if (host.isRunning()) {
                host.endBatch(new BatchEnd(batch.name(), batch.group(), batch.tmaxNanos(), batch.tags()));
            }
        });
        settled().ifPresent(reason -> batch.streamPoints().forEach(point -> letter(point, reason)));
    }

    private void wake(long millis) {
        recordMillis = millis;
        host.inTurn(() -> {
            if (host.wakeAtNanos().orElse(Long.MAX_VALUE) <= nanoTime()) {
                host.wake();
            }
        });
        settled();
    }

    /**
     * Throws the failure of a call if the handler cannot continue. Otherwise returns why the call's data was skipped;
     * empty if the data was not skipped.
     */
    private Optional<String> settled() {
        rethrow();
        if (host.failure().isPresent()) {
            HandlerHost.Failure failure = host.failure().get();
            throw (UdfException) new UdfException(failure.text()).initCause(failure.cause());
        }
        Optional<String> reason = Optional.ofNullable(thrown);
        thrown = null;
        return reason;
    }

    /** Rethrows an exception of Kafka that occurred within a call, because it is not an error of the handler. */
    private void rethrow() {
        backend.rethrow();
        output.rethrow();
    }

    private void letter(Point point, String reason) {
        counts.deadLetter();
        if (settings.deadLetters().isPresent()) {
            context.forward(
                    DeadLetters.letter(
                            settings,
                            point.group().getBytes(StandardCharsets.UTF_8),
                            line(point),
                            reason,
                            recordMillis,
                            context.recordMetadata()),
                    settings.deadLettersNode());
        }
    }

    private byte[] line(Point point) {
        POINTS.encodedTo(point, lines::point);
        return lines.take();
    }

    @Override
    public void close() {
        if (store != null) {
            store.beforeCommit(Optional.empty());
        }
        if (host != null) {
            host.close();
            counts.ended();
        }
    }

    /** Sends what the handler emits to the output topic. */
    private final class Forwarding implements Output {
        private final String outputNode = settings.outputNode();
        private final Head head = new Head();
        private @Nullable RuntimeException failure;

        @Override
        public void point(Point point) {
            forward(point, line(point));
        }

        @Override
        public void batch(Batch batch) {
            List<Point> points = batch.streamPoints();
            for (int i = 0; i < points.size(); i++) {
                POINTS.encodedTo(points.get(i), lines::point);
                if (i + 1 == points.size() || lines.size() > MAX_RECORD_BYTES) {
                    forward(points.get(i), lines.take());
                } else {
                    lines.lineBreak();
                }
            }
        }

        /** @param line the line of the point, or the lines of a batch that ends with it */
        private void forward(Point point, byte[] line) {
            POINTS.encodedTo(point, head::read);
            int bytes = head.bytes() + line.length;
            if (bytes > settings.maxRecordBytes()) {
                throw new UdfException("output: " + bytes + " bytes in a record (expected: <= "
                        + settings.maxRecordBytes() + ", which Kafka accepts)");
            }
            try {
                context.forward(new Record<>(head.group(), line, recordMillis, head.headers()), outputNode);
            } catch (RuntimeException e) {
                failure = e;
                throw e;
            }
        }

        @Override
        public boolean isWritable() {
            return true;
        }

        void rethrow() {
            if (failure != null) {
                throw failure;
            }
        }
    }
}
