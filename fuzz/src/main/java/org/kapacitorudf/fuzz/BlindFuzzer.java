package org.kapacitorudf.fuzz;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Runs a target with randomly changed inputs, without coverage feedback: it has no dependencies, is fast, and is
 * deterministic for a seed.
 *
 * <pre>
 *   TARGET --again FILE
 *   TARGET CORPUS FINDINGS SEED (--seconds | --runs) N
 * </pre>
 *
 * <p>Threading: one thread; another one ends the process if an input takes too long.
 */
final class BlindFuzzer {
    static final int FOUND = 77;

    private static final long SLOWEST_NANOS = TimeUnit.SECONDS.toNanos(10);
    private static final long REPORT_NANOS = TimeUnit.SECONDS.toNanos(10);
    private static final int RUNS_PER_LOOK = 64;

    private final Target target;
    private final List<byte[]> inputs;
    private final Mutator mutator;

    private volatile long runs; // written by one thread
    private volatile byte[] input = {};

    /** @param inputs the inputs to change */
    BlindFuzzer(Target target, List<byte[]> inputs, long seed) {
        this.target = target;
        this.inputs = inputs;
        this.mutator = new Mutator(seed, target.maxBytes());
    }

    /** The number of inputs so far. */
    long runs() {
        return runs;
    }

    /** The last input. */
    byte[] input() {
        return input;
    }

    /** Runs the target with each unchanged input. */
    void runInputs() throws Exception {
        for (byte[] unchanged : inputs) {
            run(unchanged);
        }
    }

    /** Runs until an exception is thrown. */
    void run(long mostRuns, long mostNanos) throws Exception {
        long start = System.nanoTime();
        long reported = start;
        long end = runs + mostRuns;
        while (runs < end) {
            run(mutator.next(inputs));
            if (runs % RUNS_PER_LOOK == 0) {
                long now = System.nanoTime();
                if (now - start >= mostNanos) {
                    break;
                }
                if (now - reported >= REPORT_NANOS) {
                    reported = now;
                    System.out.println("#" + runs);
                }
            }
        }
    }

    private void run(byte[] next) throws Exception {
        input = next;
        target.run(next);
        runs++;
    }

    /** @see BlindFuzzer */
    public static void main(String[] args) throws Exception {
        Target target = Targets.of(args[0]).make();
        if (args[1].equals("--again")) {
            target.run(Files.readAllBytes(Path.of(args[2])));
            System.out.println(args[2] + ": all holds");
            return;
        }
        Path findings = Path.of(args[2]);
        long limit = Long.parseLong(args[5]);
        boolean isTime = args[4].equals("--seconds");
        BlindFuzzer fuzzer = new BlindFuzzer(target, read(Path.of(args[1])), Long.parseLong(args[3]));
        fuzzer.watch(findings);
        try {
            fuzzer.runInputs();
            fuzzer.run(isTime ? Long.MAX_VALUE / 2 : limit, isTime ? TimeUnit.SECONDS.toNanos(limit) : Long.MAX_VALUE);
        } catch (Throwable e) {
            e.printStackTrace(System.out);
            fuzzer.end("crash", findings);
        }
        System.out.println("Done " + fuzzer.runs() + " runs");
        Runtime.getRuntime().halt(0);
    }

    private static List<byte[]> read(Path corpus) throws IOException {
        List<byte[]> inputs = new ArrayList<>();
        try (Stream<Path> files = Files.list(corpus)) {
            for (Path file : files.sorted().toList()) {
                inputs.add(Files.readAllBytes(file));
            }
        }
        return inputs;
    }

    /** Ends the process if an input takes too long, measured in CPU time because the machine may have other work. */
    private void watch(Path findings) {
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        long fuzzing = Thread.currentThread().getId();
        Thread watch = new Thread(
                () -> {
                    long seen = -1;
                    long since = 0;
                    while (true) {
                        try {
                            TimeUnit.SECONDS.sleep(1);
                        } catch (InterruptedException e) {
                            return;
                        }
                        long now = threads.getThreadCpuTime(fuzzing);
                        if (runs != seen) {
                            seen = runs;
                            since = now;
                        } else if (now - since > SLOWEST_NANOS) {
                            end("timeout", findings);
                        }
                    }
                },
                "watch");
        watch.setDaemon(true);
        watch.start();
    }

    private void end(String kind, Path findings) {
        byte[] found = input;
        try {
            Path file = findings.resolve(kind + "-" + Integer.toHexString(Arrays.hashCode(found)));
            Files.write(file, found);
            System.out.println("Done " + runs + " runs");
            System.out.println("found " + file + ": " + HexFormat.of().formatHex(found));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            Runtime.getRuntime().halt(FOUND);
        }
    }
}
