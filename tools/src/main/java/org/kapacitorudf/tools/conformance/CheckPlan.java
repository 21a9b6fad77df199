package org.kapacitorudf.tools.conformance;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.kapacitorudf.client.LineProtocol;
import org.kapacitorudf.client.Points;
import org.kapacitorudf.proto.Point;

/**
 * The parameters of a conformance test.
 *
 * @param options the options for Init, each {@code name=value}; several arguments of an option are separated by commas
 * @param input the points to send
 * @param timeout the assumed keepalive timeout of Kapacitor: how long the agent may be silent
 * @param stallLimit how long the agent may keep a connection to a Kapacitor that no longer reads
 */
public record CheckPlan(List<String> options, List<Point> input, Duration timeout, Duration stallLimit) {
    /** The size of the default input: three groups, with fields of each type. */
    private static final int DEFAULT_POINTS = 24;

    private static final long FIRST_TIME_NANOS = 1_700_000_000_000_000_000L;

    /**
     * The default limit for a stalled connection. Kapacitor gives up after its timeout, but an agent that does not know
     * the timeout has to assume one.
     */
    private static final Duration DEFAULT_STALL_LIMIT = Duration.ofSeconds(45);

    /** Checks and copies the arguments. */
    public CheckPlan {
        options = List.copyOf(options);
        input = List.copyOf(input);
        Objects.requireNonNull(stallLimit, "stallLimit");
        if (input.isEmpty()) {
            throw new IllegalArgumentException("input: no points (expected: >= 1)");
        }
        if (timeout.compareTo(Duration.ofMillis(1)) <= 0) {
            throw new IllegalArgumentException("timeout: " + timeout + " (expected: > 1 ms)");
        }
        for (String option : options) {
            if (option.indexOf('=') < 1) {
                throw new IllegalArgumentException("option: " + option + " (expected: name=value)");
            }
        }
    }

    /** A plan without options, with generated points and the usual timeout. */
    public static CheckPlan standard() {
        return new CheckPlan(List.of(), madeUp(), Duration.ofSeconds(10), DEFAULT_STALL_LIMIT);
    }

    /** Returns a copy with options for Init. */
    public CheckPlan withOptions(List<String> nameValues) {
        return new CheckPlan(nameValues, input, timeout, stallLimit);
    }

    /** Returns a copy with these points as the input, given in line protocol and grouped by all of their tags. */
    public CheckPlan withInput(String lines) {
        return new CheckPlan(
                options, Points.parse(lines).in("db", "autogen").groupByAll().list(), timeout, stallLimit);
    }

    /** Returns a copy with another keepalive timeout. */
    public CheckPlan withTimeout(Duration keepaliveTimeout) {
        return new CheckPlan(options, input, keepaliveTimeout, stallLimit);
    }

    /** Returns a copy with another stall limit. */
    public CheckPlan withStallLimit(Duration limit) {
        return new CheckPlan(options, input, timeout, limit);
    }

    private static List<Point> madeUp() {
        String[] lines = new String[DEFAULT_POINTS];
        for (int i = 0; i < lines.length; i++) {
            lines[i] = "cpu,host=h" + i % 3 + ",region=eu value=" + (i * 1.5 - 7) + ",usage_user=" + (90 - i)
                    + ",count=" + i + "i,state=\"s " + i + "\",ok=" + (i % 2 == 0) + " "
                    + (FIRST_TIME_NANOS + i * 1_000_000_000L);
        }
        return Points.of(List.of(lines).stream().map(LineProtocol::parse).toList())
                .in("telegraf", "autogen")
                .groupBy("host")
                .list();
    }
}
