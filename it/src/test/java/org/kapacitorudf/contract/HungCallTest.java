package org.kapacitorudf.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.kapacitorudf.Context;
import org.kapacitorudf.Description;
import org.kapacitorudf.Handler;
import org.kapacitorudf.Udf;
import org.kapacitorudf.agent.AgentConfig;
import org.kapacitorudf.client.Kapacitor;
import org.kapacitorudf.embed.UdfServer;
import org.kapacitorudf.state.State;

/**
 * Calls that do not return, on a few of many connections to one server: a separate process, because its threads cannot
 * be ended. It has the JVM options of {@code scripts/kapacitor-udf}.
 */
@Tag("jvm")
@Tag("slow")
@Timeout(600)
final class HungCallTest {
    private static final Duration CALL_LIMIT = Duration.ofSeconds(3);
    private static final Duration KEEPALIVE_TIMEOUT = AgentContract.FULL ? Duration.ofSeconds(10) : AgentContract.LONG;
    private static final int NEIGHBOURS = AgentContract.FULL ? 60 : 6;

    @TempDir
    private Path directory;

    /** The ways in which a call can hang. */
    enum Hang {
        SPIN {
            @Override
            void perform() {
                while (true) {
                    Thread.onSpinWait();
                }
            }
        },
        /**
         * Without a safepoint, unless a JVM flag adds one: its stack cannot be taken, and no garbage collection can
         * begin.
         */
        COUNTED_LOOP {
            @Override
            void perform() {
                long x = Long.MAX_VALUE;
                while (true) {
                    for (int i = 1; i < Integer.MAX_VALUE; i++) {
                        x = x / i + i;
                    }
                    sink = x;
                }
            }
        },
        DEADLOCK {
            @Override
            void perform() throws InterruptedException {
                Object one = new Object();
                Object other = new Object();
                CountDownLatch bothHaveOne = new CountDownLatch(2);
                new Thread(() -> lock(other, one, bothHaveOne)).start();
                lock(one, other, bothHaveOne);
            }

            private void lock(Object first, Object second, CountDownLatch bothHaveOne) {
                synchronized (first) {
                    bothHaveOne.countDown();
                    while (bothHaveOne.getCount() > 0) {
                        Thread.onSpinWait();
                    }
                    synchronized (second) {
                        sink = 1;
                    }
                }
            }
        },
        /** With live objects in more than half of the heap, so that each collection takes long. */
        GARBAGE {
            @Override
            void perform() {
                long bytes = Runtime.getRuntime().maxMemory() * 6 / 10;
                List<byte[]> live = new ArrayList<>();
                for (int i = 0; i < bytes >> 16; i++) {
                    live.add(new byte[1 << 16]);
                }
                for (int i = 0; ; i++) {
                    live.set(i % live.size(), new byte[1 << 16]);
                }
            }
        };

        static volatile long sink;

        abstract void perform() throws InterruptedException;
    }

    /** Counts points; hangs at one with the field {@code hang}. */
    private record Hanging(Duration callLimit) implements Udf {
        @Override
        public Description describe() {
            return Description.stream("hanging", "a function for tests").callLimit(callLimit);
        }

        @Override
        public Handler create(Context context) {
            State<TestUdf.Count> count = context.state("count", TestUdf.Count.class, TestUdf.Count::new);
            return (point, output) -> {
                count.get().next();
                if (point.field("hang").isPresent()) {
                    Hang.valueOf(point.stringField("hang")).perform();
                }
                output.point(point);
            };
        }
    }

    public static void main(String[] args) throws IOException {
        UdfServer.builder()
                .config(AgentConfig.builder().drainDeadline(AgentContract.LONG).build())
                .function(new Hanging(CALL_LIMIT), Path.of(args[0]))
                .function(new Hanging(Duration.ofMinutes(5)), Path.of(args[1]))
                .build()
                .start();
        System.out.println("ready");
    }

    static Stream<List<Hang>> hangs() {
        Stream<List<Hang>> together = Stream.of(List.of(Hang.values()));
        return AgentContract.FULL ? Stream.concat(Stream.of(Hang.values()).map(List::of), together) : together;
    }

    @ParameterizedTest
    @MethodSource("hangs")
    void aCallThatHangsEndsItsOwnTaskAndTheNeighboursGoOn(List<Hang> hangs) throws Exception {
        Path socket = directory.resolve("hanging");
        Path patientSocket = directory.resolve("patient");
        Process server = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:+UseSerialGC",
                        "-XX:+UseCountedLoopSafepoints",
                        "-XX:LoopStripMiningIter=1000",
                        "-Xmx128m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        HungCallTest.class.getName(),
                        socket.toString(),
                        patientSocket.toString())
                .redirectError(directory.resolve("log").toFile())
                .start();
        List<Kapacitor> neighbours = new ArrayList<>();
        List<Kapacitor> hung = new ArrayList<>();
        try (BufferedReader said =
                new BufferedReader(new InputStreamReader(server.getInputStream(), StandardCharsets.UTF_8))) {
            assertThat(said.readLine()).isEqualTo("ready");
            for (int i = 0; i < NEIGHBOURS; i++) {
                neighbours.add(running(patientSocket));
            }
            int rounds = neighboursWork(neighbours, 0);
            for (int i = 0; i < hangs.size(); i++) {
                hung.add(running(socket));
            }
            for (int i = 0; i < hangs.size(); i++) {
                AgentContract.sendFatal(hung.get(i), AgentContract.point("m,host=a hang=\"" + hangs.get(i) + "\" 1"));
            }
            do {
                rounds = neighboursWork(neighbours, rounds);
            } while (hung.stream().anyMatch(kapacitor -> kapacitor.taskError().isEmpty())
                    || AgentContract.FULL
                            && neighbours.stream()
                                    .anyMatch(one -> one.keepalives().isEmpty()));
            neighboursWork(neighbours, rounds);
            for (Kapacitor kapacitor : hung) {
                assertThat(kapacitor.awaitTaskError())
                        .isEqualTo("hanging (task task, node node2): point did not return within "
                                + CALL_LIMIT.toSeconds() + ".0 s");
                assertThat(kapacitor.death()).isEmpty();
            }
            for (Kapacitor neighbour : neighbours) {
                neighbour.closeInput();
                neighbour.awaitEnd();
                assertThat(neighbour.problems()).isEmpty();
            }
        } finally {
            hung.forEach(Kapacitor::close);
            neighbours.forEach(Kapacitor::close);
            server.destroyForcibly().waitFor();
        }
    }

    private static Kapacitor running(Path socket) throws IOException {
        Kapacitor kapacitor =
                AgentContract.kapacitor().timeout(KEEPALIVE_TIMEOUT).connect(socket);
        assertThat(kapacitor.init("task", "node2").getError()).isEmpty();
        return kapacitor;
    }

    /** Each sends points, receives them, and saves its state. */
    private static int neighboursWork(List<Kapacitor> neighbours, int round) {
        for (Kapacitor neighbour : neighbours) {
            neighbour.send(AgentContract.sequence(100));
        }
        for (Kapacitor neighbour : neighbours) {
            neighbour.awaitReceived(100L * (round + 1));
            assertThat(neighbour.snapshot().isEmpty()).isFalse();
        }
        return round + 1;
    }
}
