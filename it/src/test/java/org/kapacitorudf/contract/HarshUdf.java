package org.kapacitorudf.contract;

import java.io.IOException;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import org.kapacitorudf.Context;
import org.kapacitorudf.Description;
import org.kapacitorudf.Handler;
import org.kapacitorudf.Output;
import org.kapacitorudf.Point;
import org.kapacitorudf.Udf;
import org.kapacitorudf.embed.UdfAgent;

/** Functions that affect their whole process. {@code main NAME} runs one as a process UDF. */
enum HarshUdf implements Udf {
    /** Cannot describe itself, and leaves a thread running. */
    nameless {
        @Override
        public Description describe() {
            new Thread(() -> LockSupport.parkNanos(Long.MAX_VALUE), "left behind").start();
            throw new IllegalStateException("no description");
        }

        @Override
        public Handler create(Context context) {
            return (point, output) -> {};
        }
    },
    /** Prevents the JVM from shutting down. */
    hooked {
        @Override
        public Handler create(Context context) {
            Runtime.getRuntime().addShutdownHook(new Thread(() -> LockSupport.parkNanos(Long.MAX_VALUE)));
            return (point, output) -> output.point(point);
        }
    },
    /** Ends the process during a call. */
    quitter {
        @Override
        public Handler create(Context context) {
            return (point, output) -> System.exit(77);
        }
    },
    /** Reads STDIN, and reports what it got. */
    reader {
        @Override
        public Handler create(Context context) throws IOException {
            int first = System.in.read();
            return (point, output) -> output.point(point.withField("first", (long) first));
        }
    },
    /** Prints a line at which Kapacitor stops reading STDERR, and then more than the pipe holds. */
    loud {
        @Override
        public Handler create(Context context) {
            return (point, output) -> {
                output.point(point);
                System.err.println("x".repeat(1 << 20));
            };
        }
    },
    /** Has a state of 32 MiB. */
    heavy {
        @Override
        public Handler create(Context context) {
            return new Handler() {
                @Override
                public void point(Point point, Output output) {
                    output.point(point);
                }

                @Override
                public byte[] snapshot(Output output) {
                    byte[] state = new byte[32 << 20];
                    new Random(1).nextBytes(state); // incompressible
                    return state;
                }
            };
        }
    },
    /** Does not return from create. */
    slowStart {
        @Override
        public Handler create(Context context) throws InterruptedException {
            Thread.sleep(Duration.ofMinutes(5).toMillis());
            return (point, output) -> {};
        }
    };

    @Override
    public Description describe() {
        return Description.stream(name(), "a function for tests");
    }

    public static void main(String[] args) {
        HarshUdf udf = valueOf(args[0]);
        // The tests of these two wait for the drain deadline.
        TestUdf.Limits limits = udf == loud || udf == slowStart ? TestUdf.Limits.SHORT_DRAIN : TestUdf.Limits.LONG;
        UdfAgent.stdio(udf, limits.config()).run();
    }
}
