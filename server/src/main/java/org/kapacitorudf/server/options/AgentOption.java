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

/** A part of {@link AgentConfig} as an option of {@code run} and {@code serve}: the one place where its name, its values and its words are. */
public enum AgentOption {
    ON_ERROR(
            choice(FailurePolicy.class, AgentConfig::onError, Builder::onError),
            "What an exception of a function does: what the function declares, or end the task with an error, skip the point or batch, or replace the handler by a new "
                    + "one that begins with the last snapshot. NAME=... is for one function, and can be repeated."),
    MAX_RESTARTS(
            count(AgentConfig::maxRestarts, Builder::maxRestarts),
            "How often a handler may be replaced within --restart-interval; one failure more, and the task ends with an error."),
    RESTART_INTERVAL(
            duration(AgentConfig::restartInterval, Builder::restartInterval),
            "The time for which --max-restarts counts."),
    ON_BAD_SNAPSHOT(
            choice(OnBadSnapshot.class, AgentConfig::onBadSnapshot, Builder::onBadSnapshot),
            "What a snapshot that cannot be restored does: fail the start of the task, or start fresh."),
    SEED_DIR(
            new Type(
                    "DIR",
                    config -> config.seedDir().map(Path::toString).orElse(""),
                    (builder, text) -> builder.seedDir(parseDirectory(text))),
            "A directory of states, as call --save-state writes them. A node for which Kapacitor has no state begins with that of the file DIR/TASK.NODE. None unless set."),
    NON_FINITE(
            choice(NonFinite.class, AgentConfig::nonFinite, Builder::nonFinite),
            "What becomes of a NaN or an infinity that a function has made: what the function declares, or keep it, drop the field and a point without any other, or "
                    + "fail the call."),
    CALL_LIMIT(
            duration(AgentConfig::callLimit, Builder::callLimit),
            "How long one call of a function may take, unless the function itself says otherwise."),
    WARN_CALL_AFTER(
            duration(AgentConfig::warnCallAfter, Builder::warnCallAfter),
            "How long one call of a function may take before the log has a warning with its stack; repeated after 2, 4, 8 times as long."),
    DRAIN_DEADLINE(
            duration(AgentConfig::drainDeadline, Builder::drainDeadline),
            "How long the rest of the work may take once the input has ended."),
    WRITE_STALL_LIMIT(
            duration(AgentConfig::writeStallLimit, Builder::writeStallLimit),
            "How long output may make no progress before the connection is given up, until Kapacitor's keepalive timeout is known; then it is twice that."),
    KEEPALIVE_INTERVAL(
            duration(AgentConfig::keepaliveInterval, Builder::keepaliveInterval),
            "How often a busy connection shows that it lives, until Kapacitor's keepalive timeout is known; then it is a quarter of that."),
    MAX_EVENT_TIME_AHEAD(
            duration(AgentConfig::maxEventTimeAhead, Builder::maxEventTimeAhead),
            "How far ahead of the wall clock a point's time may be to move event time: one bad clock must not set off all timers."),
    MAX_FRAME_BYTES(bytes(AgentConfig::maxFrameBytes, Builder::maxFrameBytes), "The longest message, in and out."),
    MAX_BATCH_BYTES(bytes(AgentConfig::maxBatchBytes, Builder::maxBatchBytes), "The largest batch that is sent."),
    MAX_COLLECTED_BATCH_BYTES(
            bytes(AgentConfig::maxCollectedBatchBytes, Builder::maxCollectedBatchBytes),
            "The largest batch that is collected for a function that takes whole batches, with about 70 bytes for each point."),
    MAX_SNAPSHOT_BYTES(
            bytes(AgentConfig::maxSnapshotBytes, Builder::maxSnapshotBytes),
            "The largest snapshot that is given to Kapacitor or taken back."),
    MAX_OPTION_BYTES(
            bytes(AgentConfig::maxOptionBytes, Builder::maxOptionBytes),
            "The longest argument of a function's option."),
    READ_AHEAD_BYTES(
            bytes(AgentConfig::readAheadBytes, Builder::readAheadBytes),
            "How much input of one connection may wait for its function; then reading stops."),
    TOTAL_READ_AHEAD_BYTES(
            new Type(
                    "BYTES",
                    config -> Quantities.bytes(config.totalReadAheadBytes()),
                    (builder, text) -> builder.totalReadAheadBytes(Quantities.parseBytes(text))),
            "How much input of all connections together may wait: a quarter of the heap unless set."),
    OUTPUT_BUFFER_BYTES(
            bytes(AgentConfig::outputBufferBytes, Builder::outputBufferBytes),
            "How much output of one connection may wait for Kapacitor; then the function waits."),
    MAX_CONNECTIONS(
            count(AgentConfig::maxConnections, Builder::maxConnections),
            "How many connections a server holds at once.");

    private final Type type;
    private final String help;

    AgentOption(Type type, String help) {
        this.type = type;
        this.help = help;
    }

    /** What is typed: {@code --max-frame-bytes}. */
    public String option() {
        return "--" + name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** What stands for the value in a help text: {@code DURATION}. */
    public String label() {
        return (isPerFunction() ? "[NAME=]" : "") + type.label;
    }

    /** Whether it may be set for one function alone. */
    boolean isPerFunction() {
        return this == ON_ERROR;
    }

    public String help() {
        return help;
    }

    /** The value in {@code config}, as it would be typed. */
    public String show(AgentConfig config) {
        return type.show.apply(config);
    }

    /**
     * Gives {@code config} with the value that was typed.
     *
     * @throws IllegalArgumentException when it is none; the message says what is expected
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
