package org.kapacitorudf.internal.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.kapacitorudf.Batch;
import org.kapacitorudf.BatchBegin;
import org.kapacitorudf.BatchEnd;
import org.kapacitorudf.Description;
import org.kapacitorudf.Handler;
import org.kapacitorudf.Output;
import org.kapacitorudf.Point;
import org.kapacitorudf.Udf;
import org.kapacitorudf.agent.AgentConfig;
import org.kapacitorudf.errors.OutputClosedException;
import org.kapacitorudf.internal.line.GivenOption;
import org.kapacitorudf.state.Expiry;
import org.kapacitorudf.state.GroupState;
import org.slf4j.MDC;

@Timeout(600)
class HandlerHostTest implements HostContract {
    final List<String> out = new ArrayList<>();
    HandlerHost latest;
    private long nanos;

    private final Output target = new Output() {
        @Override
        public void point(Point point) {
            out.add(point.toString());
        }

        @Override
        public void batch(Batch batch) {
            out.add(batch.name() + " " + batch.group() + " " + batch.tags() + " until " + batch.tmaxNanos() + ": "
                    + batch.points().stream().map(Point::toString).toList());
        }

        @Override
        public boolean isWritable() {
            return true;
        }
    };

    private HandlerHost host(Udf udf, AgentConfig config) {
        return build(udf, config, List.of());
    }

    private HandlerHost build(Udf udf, AgentConfig config, List<GivenOption> options) {
        return prepared(HandlerHost.of(UdfFunction.of(udf), () -> Instant.ofEpochSecond(0, nanos), target)
                        .config(config)
                        .options(options)
                        .place("task", "node2")
                        .nanoTime(() -> nanos))
                .build();
    }

    HandlerHost.Builder prepared(HandlerHost.Builder builder) {
        return builder;
    }

    private HandlerHost started(Made udf) {
        HandlerHost host = host(udf, AgentConfig.defaults());
        assertThat(host.start()).isEmpty();
        return host;
    }

    private static Made stream(Making making) {
        return new Made(Description.stream("f", ""), making);
    }

    private static Point at(long time) {
        return Point.of("m", time).withField("v", time);
    }

    @Override
    public Hosted host(Udf udf, AgentConfig config, List<GivenOption> options) {
        out.clear();
        HandlerHost host = build(udf, config, options);
        latest = host;
        return new Hosted() {
            @Override
            public String start() {
                return host.start().orElse("");
            }

            @Override
            public String restore(byte[] snapshot) {
                return host.restore(snapshot).orElse("");
            }

            @Override
            public void give(Object... data) {
                for (Object next : data) {
                    if (!host.isRunning()) {
                        return;
                    }
                    if (next instanceof Point point) {
                        host.point(point);
                    } else if (next instanceof BatchBegin begin) {
                        host.beginBatch(begin);
                    } else {
                        host.endBatch((BatchEnd) next);
                    }
                }
            }

            @Override
            public byte[] snapshot() {
                return host.snapshot();
            }

            @Override
            public List<String> out() {
                return out;
            }

            @Override
            public String error() {
                return host.failure().map(HandlerHost.Failure::text).orElse("");
            }

            @Override
            public HandlerCounts counts() {
                return host.counts();
            }

            @Override
            public void close() {
                host.close();
            }
        };
    }

    @Test
    void theLogContextOfACallIsThatOfItsHandlerAndThenThatOfTheThreadAgain() {
        List<String> seen = new ArrayList<>();
        HandlerHost host = started(stream(context -> (point, output) -> seen.add(MDC.get("node") + MDC.get("own"))));
        host.point(at(1));
        assertThat(MDC.get("node")).isNull();
        MDC.put("own", "x");
        try {
            host.point(at(2));
            assertThat(MDC.getCopyOfContextMap()).containsOnly(Map.entry("own", "x"));
        } finally {
            MDC.clear();
        }
        assertThat(seen).containsExactly("node2null", "node2x");
    }

    @Test
    void timersRunWhenTheHostWakesThemAtTheTimeThatItIsTold() {
        HandlerHost host = started(stream(context -> {
            context.every(Duration.ofSeconds(2), (time, output) -> output.point(at(nanos)));
            return (point, output) -> {};
        }));
        host.point(at(1));
        while (out.size() < 3) {
            nanos = host.wakeAtNanos().orElseThrow();
            host.wake();
        }
        long second = Duration.ofSeconds(1).toNanos();
        assertThat(out)
                .containsExactly(
                        at(2 * second).toString(),
                        at(4 * second).toString(),
                        at(6 * second).toString());
        host.close();
        assertThat(host.wakeAtNanos()).isEmpty();
    }

    @Test
    void aWallClockThatIsSetBackExpiresNoGroupThatIsInUse() {
        AtomicLong wallNanos = new AtomicLong(Duration.ofDays(1).toNanos());
        Made udf = stream(context -> {
            GroupState<Long> counts = context.groupState(
                    "count",
                    Long.class,
                    () -> 0L,
                    Expiry.afterWallTime(Duration.ofMinutes(10)),
                    (group, value, output) -> output.point(at(-value)));
            return (point, output) -> {
                counts.put("a", counts.of("a") + 1);
                output.point(at(counts.of("a")));
            };
        });
        HandlerHost host = prepared(
                        HandlerHost.of(UdfFunction.of(udf), () -> Instant.ofEpochSecond(0, wallNanos.get()), target)
                                .nanoTime(() -> nanos))
                .build();
        assertThat(host.start()).isEmpty();
        host.point(at(1));
        while (out.size() < 2) {
            long elapsed = host.wakeAtNanos().orElseThrow() - nanos;
            nanos += elapsed;
            wallNanos.addAndGet(elapsed);
            host.wake();
        }
        assertThat(out).containsExactly(at(1).toString(), at(-1).toString());
        assertThat(host.wakeAtNanos()).isEmpty();

        wallNanos.addAndGet(-Duration.ofHours(1).toNanos());
        host.point(at(1));
        wallNanos.addAndGet(1);
        host.point(at(1));
        assertThat(out).containsExactly(at(1).toString(), at(-1).toString(), at(1).toString(), at(2).toString());
        assertThat(host.wakeAtNanos()).isPresent();
        host.close();
    }

    @Test
    void theEndOfTheInputLetsTheHandlerSendAndCloseDoesNot() {
        AtomicInteger refused = new AtomicInteger();
        Made udf = stream(context -> new Handler() {
            @Override
            public void point(Point point, Output output) {}

            @Override
            public void stop(Output output) {
                try {
                    output.point(at(7));
                } catch (OutputClosedException e) {
                    refused.incrementAndGet();
                    throw e;
                }
            }
        });
        HandlerHost ended = started(udf);
        ended.endOfInput();
        assertThat(out).containsExactly(at(7).toString());
        assertThatThrownBy(() -> ended.point(at(1)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("point: after the end (expected: while the handler runs)");
        ended.close();
        started(udf).close();
        assertThat(out).hasSize(1);
        assertThat(refused).hasValue(1);
    }

    @Test
    void whatThreadsOfTheHandlerSendComesWithTheNextCallAndIsBounded() throws Exception {
        AtomicReference<Output> kept = new AtomicReference<>();
        HandlerHost host = host(
                stream(context -> (point, output) -> {
                    kept.set(output);
                    output.point(point);
                }),
                AgentConfig.defaults());
        assertThat(host.start()).isEmpty();
        host.point(at(1));
        Output output = kept.get();
        output.point(at(2));
        assertThat(out).as("in the thread that drives the host alone").hasSize(1);
        host.point(at(3));
        assertThat(out).containsExactly(at(1).toString(), at(2).toString(), at(3).toString());

        CountDownLatch isFull = new CountDownLatch(1);
        Thread sender = new Thread(() -> {
            while (output.isWritable()) {
                output.point(at(4).withField("text", "x".repeat(100_000)));
            }
            isFull.countDown();
            output.point(at(5));
        });
        sender.start();
        assertThat(isFull.await(5, TimeUnit.MINUTES)).isTrue();
        while (sender.isAlive()) {
            host.drain();
        }
        host.drain();
        assertThat(out).endsWith(at(5).toString());
        host.close();
    }

    @Test
    void aThreadOfTheHandlerThatWaitsForRoomIsToldOfTheEnd() throws Exception {
        AtomicReference<Output> kept = new AtomicReference<>();
        AtomicReference<Throwable> thrown = new AtomicReference<>();
        HandlerHost host = started(stream(context -> (point, output) -> kept.set(output)));
        host.point(at(1));
        Thread sender = new Thread(() -> {
            try {
                while (true) {
                    kept.get().point(at(4).withField("text", "x".repeat(100_000)));
                }
            } catch (OutputClosedException e) {
                thrown.set(e);
            }
        });
        sender.start();
        while (sender.getState() != Thread.State.WAITING) {
            Thread.onSpinWait();
        }
        host.close();
        sender.join();
        assertThat(thrown.get()).hasMessage("output: closed, the host has been closed (expected: an open connection)");
    }

    @Test
    void callsHaveTheClassLoaderOfTheFunctionAndTheThreadGetsItsOwnBack() {
        ClassLoader own = Thread.currentThread().getContextClassLoader();
        ClassLoader other = new ClassLoader(own) {};
        List<ClassLoader> seen = new ArrayList<>();
        Thread.currentThread().setContextClassLoader(other);
        HandlerHost host;
        try {
            host = started(stream(context ->
                    (point, output) -> seen.add(Thread.currentThread().getContextClassLoader())));
        } finally {
            Thread.currentThread().setContextClassLoader(own);
        }
        host.point(at(1));
        host.inTurn(() -> {
            host.point(at(2));
            host.point(at(3));
        });
        assertThat(seen).containsExactly(other, other, other);
        assertThat(Thread.currentThread().getContextClassLoader()).isSameAs(own);
        host.close();
    }
}
