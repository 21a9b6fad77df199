package org.kapacitorudf.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.kapacitorudf.Context;
import org.kapacitorudf.Description;
import org.kapacitorudf.Handler;
import org.kapacitorudf.Udf;
import org.kapacitorudf.state.GroupState;

/** {@code kill -9} of {@code telegraf --state} at random, under load; this plays Telegraf's side. */
@Tag("slow")
@Tag("one-jdk")
@Timeout(1800)
class TelegrafKillTest {
    private static final int ROUNDS = Boolean.getBoolean("udf.full") ? 50 : 4;
    private static final int MOST_ANSWERS = 60_000;
    private static final int INTERVAL_MILLIS = 200;
    private static final int BUCKET_MILLIS = 10;

    /** A metric waits with its chunk for the next look at the clock. */
    private static final int MOST_BUCKETS = INTERVAL_MILLIS / BUCKET_MILLIS + 5;

    @TempDir
    private Path directory;

    /** Counts and sums up a sequence in each group. */
    public static final class Sequence implements Udf {
        /** The state. */
        static final class Sum {
            private long count;
            private long sum;
        }

        @Override
        public Description describe() {
            return Description.stream("sequence", "counts and sums up");
        }

        @Override
        public Handler create(Context context) {
            GroupState<Sum> sums = context.groupState("sum", Sum.class, Sum::new);
            return (point, output) -> {
                Sum sum = sums.of(point.group());
                long n = point.intField("n");
                if (n > 0) {
                    sum.count++;
                    sum.sum += n;
                }
                output.point(point.withField("count", sum.count).withField("sum", sum.sum));
            };
        }
    }

    /** One process, from its start to its death. */
    private final class Life {
        private final Process process;
        private final BufferedReader answers;
        private final BufferedWriter metrics;

        /** When the answers to the metrics of group a came, the first at 0. */
        private final List<Long> answeredNanos = new ArrayList<>();

        Life(Installed installed, Path state) throws IOException {
            process = installed.start(
                    "telegraf",
                    "sequence",
                    "--group-by",
                    "g",
                    "--state",
                    state.toString(),
                    "--state-interval",
                    INTERVAL_MILLIS + "ms");
            answers = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
            metrics = new BufferedWriter(new OutputStreamWriter(process.getOutputStream(), StandardCharsets.UTF_8));
        }

        /** The count of a group, which is where its sequence goes on. */
        long count(String group) throws IOException {
            give(group, 0);
            metrics.flush();
            String answer = answers.readLine();
            assertThat(answer).as(() -> err(process)).isNotNull().startsWith("m,g=" + group + " ");
            long count = field(answer, "count");
            assertThat(field(answer, "sum")).as("a state that is not damaged").isEqualTo(count * (count + 1) / 2);
            return count;
        }

        private void give(String group, long n) throws IOException {
            metrics.write("m,g=" + group + " n=" + n + "i 1\n");
        }

        /** Feeds both groups in turns, and kills it after some answers. */
        void feedAndKill(long fromA, long fromB, int answersToWaitFor) throws Exception {
            Thread feeder = new Thread(() -> {
                try {
                    for (long i = 1; ; i++) {
                        give("a", fromA + i);
                        give("b", fromB + i);
                    }
                } catch (IOException e) {
                    // It is dead.
                }
            });
            feeder.start();
            read(answersToWaitFor);
            process.destroyForcibly().waitFor();
            read(Integer.MAX_VALUE);
            feeder.join();
        }

        private void read(int count) {
            try {
                String answer;
                for (int i = 0; i < count && (answer = answers.readLine()) != null; i++) {
                    if (answer.startsWith("m,g=a ")) {
                        answeredNanos.add(System.nanoTime());
                    }
                }
            } catch (IOException e) {
                // What a dead process has left in the pipe was read.
            }
        }

        /**
         * For how long answers have come whose metrics are not in the state, in intervals of 10 ms: only those count in
         * which the process got somewhere.
         */
        long lostBuckets(long fromA, long restoredA) {
            return answeredNanos.stream()
                    .skip(restoredA - fromA)
                    .map(nanos -> nanos / TimeUnit.MILLISECONDS.toNanos(BUCKET_MILLIS))
                    .distinct()
                    .count();
        }
    }

    private static long field(String answer, String name) {
        String rest = answer.substring(answer.indexOf(name + "=") + name.length() + 1);
        return Long.parseLong(rest.substring(0, rest.indexOf('i')));
    }

    private static String err(Process process) {
        try {
            return new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void theStateIsNeverOlderThanTheIntervalAndNeverDamaged() throws Exception {
        Installed installed = Installed.in(directory).with(Sequence.class);
        Path state = directory.resolve("state");
        Random random = new Random();
        Life life = new Life(installed, state);
        long a = life.count("a");
        long b = life.count("b");
        long inAll = 0;
        for (int round = 0; round < ROUNDS; round++) {
            life.feedAndKill(a, b, random.nextInt(MOST_ANSWERS));
            Life next = new Life(installed, state);
            long restoredA = next.count("a");
            long restoredB = next.count("b");
            assertThat(restoredA - a - (restoredB - b))
                    .as("one state of both groups")
                    .isBetween(0L, 1L);
            assertThat(restoredA).as("not older than what was there before").isGreaterThanOrEqualTo(a);
            assertThat(life.lostBuckets(a, restoredA))
                    .as("age of the state, in 10 ms")
                    .isLessThanOrEqualTo(MOST_BUCKETS);
            inAll += restoredA - a;
            life = next;
            a = restoredA;
            b = restoredB;
        }
        life.process.destroyForcibly().waitFor();
        assertThat(inAll).as("metrics that were saved").isPositive();
        assertThat(Files.exists(directory.resolve("state.bad"))).isFalse();
    }
}
