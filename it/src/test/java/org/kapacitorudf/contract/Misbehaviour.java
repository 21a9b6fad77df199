package org.kapacitorudf.contract;

import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.kapacitorudf.Output;
import org.kapacitorudf.Point;
import org.kapacitorudf.errors.OutputClosedException;

/** A kind of misbehaviour of a handler. */
interface Misbehaviour {
    void perform(FaultyUdf.Callback at, Output output) throws Exception;

    /** A {@link Fault} to throw, or one of {@link Stuck}, {@link Habit} and {@link Harm}. */
    static Misbehaviour named(String name) {
        for (Stuck stuck : Stuck.values()) {
            if (stuck.name().equals(name)) {
                return stuck;
            }
        }
        for (Habit habit : Habit.values()) {
            if (habit.name().equals(name)) {
                return habit;
            }
        }
        for (Harm harm : Harm.values()) {
            if (harm.name().equals(name)) {
                return harm;
            }
        }
        return (at, output) -> Fault.valueOf(name).strike();
    }

    /** Does not return. */
    enum Stuck implements Misbehaviour {
        UNTIL_INTERRUPTED {
            @Override
            public void perform(FaultyUdf.Callback at, Output output) throws InterruptedException {
                letGo.await();
            }
        },
        DEAF {
            @Override
            public void perform(FaultyUdf.Callback at, Output output) {
                CountDownLatch released = letGo;
                while (true) {
                    try {
                        released.await();
                        return;
                    } catch (InterruptedException e) {
                        // Ignored.
                    }
                }
            }
        };

        private static volatile CountDownLatch letGo = new CountDownLatch(1);

        /** For the end of a test: makes calls that ignore interrupts return. */
        static void letGo() {
            CountDownLatch released = letGo;
            letGo = new CountDownLatch(1);
            released.countDown();
        }
    }

    /** Returns, but leaves traces. */
    enum Habit implements Misbehaviour {
        LEAVES_AN_INTERRUPT {
            @Override
            public void perform(FaultyUdf.Callback at, Output output) {
                Thread.currentThread().interrupt();
            }
        },
        CHANGES_ITS_THREAD {
            @Override
            public void perform(FaultyUdf.Callback at, Output output) {
                Thread thread = Thread.currentThread();
                thread.setName(CHANGED);
                thread.setPriority(Thread.MIN_PRIORITY);
                thread.setContextClassLoader(MARK);
                thread.setUncaughtExceptionHandler(MARK);
            }
        },
        LEAVES_A_THREAD_THAT_EMITS {
            @Override
            public void perform(FaultyUdf.Callback at, Output output) {
                Thread ghost = new Thread(() -> {
                    try {
                        while (true) {
                            output.point(Point.of("ghost", 0).withField("v", 1L));
                            Thread.sleep(0, 100_000);
                        }
                    } catch (OutputClosedException | InterruptedException e) {
                        // The end.
                    }
                });
                ghost.start();
            }
        };

        private static final String CHANGED = "changed by a handler";
        private static final Mark MARK = new Mark();

        /** Whether a thread still has attributes set by a handler. */
        static boolean isMarked(Thread thread) {
            return thread.getName().equals(CHANGED)
                    || thread.getPriority() == Thread.MIN_PRIORITY
                            && thread.getName().startsWith("udf-")
                    || thread.getContextClassLoader() == MARK
                    || thread.getUncaughtExceptionHandler() == MARK;
        }

        private static final class Mark extends ClassLoader implements Thread.UncaughtExceptionHandler {
            @Override
            public void uncaughtException(Thread thread, Throwable cause) {
                throw new IllegalStateException(CHANGED, cause);
            }
        }
    }

    /** Affects the whole process, and needs a separate one. */
    enum Harm implements Misbehaviour {
        EXITS {
            @Override
            public void perform(FaultyUdf.Callback at, Output output) {
                System.exit(EXIT_STATUS);
            }
        },
        HALTS {
            @Override
            public void perform(FaultyUdf.Callback at, Output output) {
                Runtime.getRuntime().halt(EXIT_STATUS);
            }
        },
        RUNS_OUT_OF_MEMORY {
            @Override
            public void perform(FaultyUdf.Callback at, Output output) {
                List<byte[]> hoard = new ArrayList<>();
                while (true) {
                    hoard.add(new byte[8 << 20]); // so large that some memory is left for others
                }
            }
        },
        /** Like C code that prints, or a child process that inherited descriptors. */
        TAKES_THE_STREAMS {
            @Override
            public void perform(FaultyUdf.Callback at, Output output) throws Exception {
                System.out.println("printed");
                print(() -> new FileOutputStream(FileDescriptor.out));
                print(() -> new FileOutputStream("/proc/self/fd/1"));
                int status = new ProcessBuilder("sh", "-c", "echo printed by a child; cat")
                        .inheritIO()
                        .start()
                        .waitFor();
                output.point(Point.of("child", 0).withField("status", (long) status));
            }
        },
        CLOSES_THE_STREAMS {
            @Override
            public void perform(FaultyUdf.Callback at, Output output) throws Exception {
                System.in.close();
                System.out.close();
                System.err.close();
                print(() -> {
                    OutputStream out = new FileOutputStream(FileDescriptor.out);
                    out.close();
                    return out;
                });
                new FileInputStream(FileDescriptor.in).close();
            }
        },
        LEAVES_A_CHILD {
            @Override
            public void perform(FaultyUdf.Callback at, Output output) throws IOException {
                new ProcessBuilder("sleep", "300")
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start();
            }
        },
        SETS_THE_DEFAULT_HANDLER {
            @Override
            public void perform(FaultyUdf.Callback at, Output output) {
                Thread.setDefaultUncaughtExceptionHandler(
                        (thread, cause) -> Runtime.getRuntime().halt(EXIT_STATUS));
            }
        };

        static final int EXIT_STATUS = 77;

        private static void print(Callable<OutputStream> stream) throws Exception {
            try (OutputStream out = stream.call()) {
                out.write("printed\n".getBytes(StandardCharsets.UTF_8));
            } catch (IOException e) {
                // Nobody reads it.
            }
        }
    }
}
