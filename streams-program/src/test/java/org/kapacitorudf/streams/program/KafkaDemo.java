package org.kapacitorudf.streams.program;

import java.io.PrintStream;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.kapacitorudf.server.logging.LogLevel;
import org.kapacitorudf.server.logging.Logging;

/**
 * Sends data to the two workers of {@code scripts/demo-kafka}, and checks the output: {@code BROKER PARTITIONS COUNT}.
 */
final class KafkaDemo {
    private static final int GROUPS = 100;
    private static final int SIZE = 10;
    private static final long LIMIT_NANOS = TimeUnit.MINUTES.toNanos(5);

    private KafkaDemo() {}

    /**
     * Prints "third" when a third of the output has arrived; exits with status 1 unless the output is complete, correct
     * and without duplicates.
     */
    public static void main(String[] args) throws Exception {
        PrintStream out = System.out;
        Logging.install(false);
        Logging.level(LogLevel.ERROR);
        int rounds = Integer.parseInt(args[2]) / GROUPS;
        AtomicReference<Throwable> failure = new AtomicReference<>();
        try (Stream stream = new Stream(args[0], "in", "out", Integer.parseInt(args[1]), GROUPS, SIZE)) {
            Thread feed = new Thread(() -> feed(stream, rounds));
            feed.setUncaughtExceptionHandler((thread, thrown) -> failure.set(thrown));
            feed.start();
            long end = System.nanoTime() + LIMIT_NANOS;
            String wrong = stream.readUntil((long) rounds * GROUPS / 3, () -> System.nanoTime() - end < 0);
            out.println("third");
            feed.join();
            if (wrong.isEmpty()) {
                wrong = stream.readAll(() -> System.nanoTime() - end < 0);
            }
            if (wrong.isEmpty()) {
                wrong = stream.poll();
            }
            out.println("points fed " + stream.total() + ", outputs " + stream.read() + ", missing "
                    + (stream.total() - stream.read()) + ", wrong or twice " + (wrong.isEmpty() ? "none" : wrong));
            System.exit(wrong.isEmpty() && failure.get() == null ? 0 : 1);
        }
    }

    private static void feed(Stream stream, int rounds) {
        try {
            for (int i = 0; i < rounds; i += 10) {
                stream.feed(Math.min(10, rounds - i));
                Thread.sleep(50); // a feed has a pace
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
