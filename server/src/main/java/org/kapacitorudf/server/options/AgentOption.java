package org.kapacitorudf.server.options;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.kapacitorudf.agent.AgentConfig;
import org.kapacitorudf.agent.AgentConfig.Builder;
import org.kapacitorudf.errors.FailurePolicy;
import org.kapacitorudf.errors.NonFinite;
import org.kapacitorudf.errors.OnBadSnapshot;

/**
 * The settings of {@link AgentConfig} as options of {@code run} and {@code serve}, with their names, values and
 * descriptions.
 */
public enum AgentOption {
    ON_ERROR(
            choice(FailurePolicy.class, AgentConfig::onError, Builder::onError),
            "What happens when a function throws an exception: what the function declares, or end the task with an error, skip the point or batch, or replace the handler by a new "
                    + "one that starts from the last snapshot. NAME=... applies to one function, and can be repeated."),
    MAX_RESTARTS(
            count(AgentConfig::maxRestarts, Builder::maxRestarts),
            "How often a handler may be replaced within --restart-interval; a further failure ends the task with an error."),
    RESTART_INTERVAL(
            duration(AgentConfig::restartInterval, Builder::restartInterval),
            "The time for which --max-restarts counts."),
    ON_BAD_SNAPSHOT(
            choice(OnBadSnapshot.class, AgentConfig::onBadSnapshot, Builder::onBadSnapshot),
            "What happens when a snapshot cannot be restored: the task fails to start, or starts without state."),
    SEED_DIR(
            new Type(
                    "DIR",
                    config -> config.seedDir().map(Path::toString).orElse(""),
                    (builder, text) -> builder.seedDir(parseDirectory(text))),
            "A directory of states, as written by call --save-state. A node for which Kapacitor has no state starts from the file DIR/TASK.NODE. None by default."),
    NON_FINITE(
            choice(NonFinite.class, AgentConfig::nonFinite, Builder::nonFinite),
            "What happens to a NaN or an infinity in a function's output: what the function declares, or keep it, drop the field and a point without any other field, or "
                    + "fail the call."),
    CALL_LIMIT(
            duration(AgentConfig::callLimit, Builder::callLimit),
            "How long one call of a function may take, unless the function itself sets a limit."),
    WARN_CALL_AFTER(
            duration(AgentConfig::warnCallAfter, Builder::warnCallAfter),
            "How long one call of a function may take before a warning with its stack is logged; repeated each time that this time has doubled."),
    DRAIN_DEADLINE(
            duration(AgentConfig::drainDeadline, Builder::drainDeadline),
            "How long the remaining work may take after the input has ended."),
    WRITE_STALL_LIMIT(
            duration(AgentConfig::writeStallLimit, Builder::writeStallLimit),
            "How long output may make no progress before the connection is closed, until Kapacitor's keepalive timeout is known; then it is twice that timeout."),
    KEEPALIVE_INTERVAL(
            duration(AgentConfig::keepaliveInterval, Builder::keepaliveInterval),
            "How often a busy connection sends a keepalive, until Kapacitor's keepalive timeout is known; then it is a quarter of that timeout."),
    MAX_EVENT_TIME_AHEAD(
            duration(AgentConfig::maxEventTimeAhead, Builder::maxEventTimeAhead),
            "How far a point's time may be ahead of the wall clock and still move event time, so that one wrong clock does not trigger all timers."),
    MAX_FRAME_BYTES(
            bytes(AgentConfig::maxFrameBytes, Builder::maxFrameBytes),
            "The maximum size of a message, in both directions."),
    MAX_BATCH_BYTES(
            bytes(AgentConfig::maxBatchBytes, Builder::maxBatchBytes), "The maximum size of a batch that is sent."),
    MAX_COLLECTED_BATCH_BYTES(
            bytes(AgentConfig::maxCollectedBatchBytes, Builder::maxCollectedBatchBytes),
            "The maximum size of a batch that is collected for a function that takes whole batches, with about 70 bytes for each point."),
    MAX_SNAPSHOT_BYTES(
            bytes(AgentConfig::maxSnapshotBytes, Builder::maxSnapshotBytes),
            "The maximum size of a snapshot that is sent to Kapacitor or restored."),
    MAX_OPTION_BYTES(
            bytes(AgentConfig::maxOptionBytes, Builder::maxOptionBytes),
            "The maximum length of an argument of a function's option."),
    READ_AHEAD_BYTES(
            bytes(AgentConfig::readAheadBytes, Builder::readAheadBytes),
            "How much input of one connection may wait for its function before reading stops."),
    TOTAL_READ_AHEAD_BYTES(
            new Type(
                    "BYTES",
                    config -> Quantities.bytes(config.totalReadAheadBytes()),
                    (builder, text) -> builder.totalReadAheadBytes(Quantities.parseBytes(text))),
            "How much input of all connections together may wait: a quarter of the heap by default."),
    OUTPUT_BUFFER_BYTES(
            bytes(AgentConfig::outputBufferBytes, Builder::outputBufferBytes),
            "How much output of one connection may wait for Kapacitor before the function blocks."),
    MAX_CONNECTIONS(
            count(AgentConfig::maxConnections, Builder::maxConnections),
            "The maximum number of connections of a server.");

    private final Type type;
    private final String help;

    AgentOption(Type type, String help) {
        this.type = type;
        this.help = help;
    }

    /** The name on the command line: {@code --max-frame-bytes}. */
    public String option() {
        return "--" + name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** The placeholder of the value in help text: {@code DURATION}. */
    public String label() {
        return (isPerFunction() ? "[NAME=]" : "") + type.label;
    }

    /** Whether the option can be set per function. */
    boolean isPerFunction() {
        return this == ON_ERROR;
    }

    public String help() {
        return help;
    }

    /** The value of this option in {@code config}, in command line syntax. */
    public String show(AgentConfig config) {
        return type.show.apply(config);
    }

    /**
     * Returns a copy of {@code config} with the given value of this option.
     *
     * @throws IllegalArgumentException if the value is invalid; the message says what is expected
     */
    public AgentConfig apply(AgentConfig config, String typed) {
        Builder builder = config.toBuilder();
        type.set.accept(builder, typed);
        return builder.build();
    }

    private record Type(String label, Function<AgentConfig, String> show, BiConsumer<Builder, String> set) {}

    private static Type duration(Function<AgentConfig, Duration> get, BiConsumer<Builder, Duration> set) {
        return new Type(
                "DURATION",
                config -> Quantities.duration(get.apply(config)),
                (builder, text) -> set.accept(builder, Quantities.parseDuration(text)));
    }

    private static Type bytes(Function<AgentConfig, Integer> get, BiConsumer<Builder, Integer> set) {
        return new Type("BYTES", config -> Quantities.bytes(get.apply(config)), (builder, text) -> {
            long bytes = Quantities.parseBytes(text);
            if (bytes > Integer.MAX_VALUE) {
                throw new IllegalArgumentException(text + " (expected: less than 2GiB)");
            }
            set.accept(builder, (int) bytes);
        });
    }

    private static Type count(Function<AgentConfig, Integer> get, BiConsumer<Builder, Integer> set) {
        return new Type(
                "COUNT",
                config -> Integer.toString(get.apply(config)),
                (builder, text) -> set.accept(builder, Quantities.parseCount(text)));
    }

    private static Path parseDirectory(String text) {
        if (text.isEmpty()) {
            throw new IllegalArgumentException("empty (expected: a directory)");
        }
        try {
            return Path.of(text);
        } catch (InvalidPathException e) {
            throw new IllegalArgumentException(text + " (expected: a path): " + e.getReason());
        }
    }

    private static <E extends Enum<E>> Type choice(
            Class<E> type, Function<AgentConfig, E> get, BiConsumer<Builder, E> set) {
        List<E> choices = List.of(type.getEnumConstants());
        String label = choices.stream().map(AgentOption::lowerCase).collect(Collectors.joining("|"));
        return new Type(
                label,
                config -> lowerCase(get.apply(config)),
                (builder, text) -> set.accept(
                        builder,
                        choices.stream()
                                .filter(choice -> lowerCase(choice).equals(text))
                                .findFirst()
                                .orElseThrow(() -> new IllegalArgumentException(text + " (expected: " + label + ")"))));
    }

    private static String lowerCase(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }
}
