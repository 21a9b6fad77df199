package org.kapacitorudf.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.kapacitorudf.proto.Point;
import org.kapacitorudf.testing.TinyAgent;

/** How the stand-in treats a child process: a JVM if it must respond, a shell if it only has to misbehave. */
@Tag("slow")
@Tag("one-jdk")
@Timeout(600)
class KapacitorProcessTest {
    private static final Duration SHORT = Duration.ofMillis(300);

    /** However starved the machine is. */
    private static final Duration LONG = Duration.ofMinutes(5);

    private static final Points POINTS =
            Points.of("cpu,host=a v=1 1", "cpu,host=b v=2 2").groupBy("host");

    private static Kapacitor.Builder kapacitor() {
        return Kapacitor.builder().timeout(LONG).deadline(LONG);
    }

    @Test
    void aCleanUseComesBackWholeWithItsLateOutputAndExitStatus() throws Exception {
        try (Kapacitor kapacitor = kapacitor().spawn(TinyAgent.command(50_000))) {
            kapacitor.init("task", "node");
            kapacitor.send(POINTS);
            kapacitor.sendBatches(POINTS.batches());
            kapacitor.snapshot();
            kapacitor.closeInput();

            assertThat(kapacitor.awaitEnd()).isEqualTo(new Kapacitor.End(OptionalInt.of(0)));
            assertThat(kapacitor.points()).startsWith(POINTS.list().toArray(Point[]::new));
            assertThat(kapacitor.points()).hasSize(50_002);
            assertThat(kapacitor.batches()).isEqualTo(POINTS.batches());
            assertThat(kapacitor.stderr()).containsExactly("hello");
            assertThat(kapacitor.problems()).isEmpty();
        }
    }

    @Test
    void aPausedReaderLosesNothing() throws Exception {
        try (Kapacitor kapacitor = kapacitor()
                .keepalives(false)
                .writeChunks(1 << 16)
                .countUndecoded()
                .spawn(TinyAgent.command(0))) {
            kapacitor.pauseReading();
            kapacitor.send(Stream.generate(() -> POINTS.list().get(0)).limit(100)::iterator);
            kapacitor.resumeReading();
            kapacitor.send(Stream.generate(() -> POINTS.list().get(0)).limit(50_000)::iterator);
            kapacitor.closeInput();
            kapacitor.awaitEnd();
            assertThat(kapacitor.receivedPoints()).isEqualTo(50_100);
        }
    }

    @Test
    void theExitStatusIsGiven() throws Exception {
        try (Kapacitor kapacitor = shell("cat > /dev/null; exit 3")) {
            kapacitor.closeInput();
            assertThat(kapacitor.awaitEnd().exitStatus()).hasValue(3);
        }
    }

    @Test
    void theEnvironmentIsInheritedAndAddedTo() throws Exception {
        try (Kapacitor kapacitor = kapacitor()
                .env("KEY", "value")
                .env("OTHER", "x")
                .spawn("sh", "-c", "echo $KEY $OTHER $PATH >&2; cat > /dev/null")) {
            kapacitor.awaitStderr(line -> line.equals("value x " + System.getenv("PATH")));
        }
    }

    @Test
    void aChildThatDoesNotExitFailsTheWait() throws Exception {
        try (Kapacitor kapacitor = shell("exec sleep 600 >&- 2>&-")) {
            kapacitor.closeInput();
            assertThatThrownBy(() -> kapacitor.awaitEnd(SHORT)).hasMessageContaining("kapacitord would hang");
        }
    }

    @Test
    void aGrandchildThatKeepsStderrOpenFailsTheWait() throws Exception {
        try (Kapacitor kapacitor = shell("sleep 600 > /dev/null < /dev/null & echo $! >&2; cat > /dev/null; exit 0")) {
            kapacitor.awaitStderr(line -> !line.isEmpty());
            awaitReaderOfStderr(kapacitor.process().orElseThrow().pid());
            kapacitor.closeInput();
            String failure;
            do { // Another thread takes the exit status, which may be later.
                failure = catchThrowableOfType(StandInException.class, () -> kapacitor.awaitEnd(SHORT))
                        .getMessage();
            } while (!failure.contains("exit status") && !Thread.currentThread().isInterrupted());
            assertThat(failure).contains("exit status 0");
            long grandchild = Long.parseLong(kapacitor.stderr().get(0));
            assertThat(ProcessHandle.of(grandchild).orElseThrow().destroyForcibly())
                    .isTrue();
            assertThat(kapacitor.awaitEnd().exitStatus()).hasValue(0);
        }
    }

    /** If a process exits while nothing reads its STDERR, the JDK closes the stream, although others have it open. */
    private static void awaitReaderOfStderr(long pid) throws InterruptedException {
        while (Thread.getAllStackTraces().entrySet().stream()
                .noneMatch(thread -> thread.getKey().getName().equals("kapacitor-stderr pid " + pid)
                        && Stream.of(thread.getValue())
                                .anyMatch(frame -> frame.getMethodName().equals("readBytes")))) {
            Thread.sleep(1);
        }
    }

    @Test
    void aSilentChildIsKilledTwoTimeoutsAfterTheAbort() throws Exception {
        long start = System.nanoTime();
        try (Kapacitor kapacitor = kapacitor().timeout(SHORT).spawn("sh", "-c", "exec sleep 600")) {
            assertThat(kapacitor.awaitTaskError()).startsWith("keepalive timedout");
            assertThat(kapacitor.awaitEnd().exitStatus()).hasValue(128 + 9);
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThanOrEqualTo(SHORT.multipliedBy(3));
        }
    }

    @Test
    void nothingIsReadOfStderrAfterALineOf64KiB() throws Exception {
        try (Kapacitor kapacitor =
                shell("echo before >&2; head -c 70000 /dev/zero | tr '\\0' x >&2; echo after >&2; cat > /dev/null")) {
            kapacitor.awaitStderr(line -> line.equals("before"));
            assertThatThrownBy(() -> kapacitor.awaitStderr(line -> line.equals("after")))
                    .hasMessageContaining("STDERR: ");
            assertThat(kapacitor.warnings()).singleElement().asString().startsWith("STDERR: a line of 65536 bytes");
        }
    }

    @Test
    void textOnStdoutEndsTheTask() throws Exception {
        try (Kapacitor kapacitor = shell("seq 1000; cat > /dev/null")) {
            assertThat(kapacitor.awaitTaskError()).startsWith("read error: ");
            assertThat(kapacitor.death()).isEmpty();
            assertThat(kapacitor.awaitEnd().exitStatus()).hasValue(0);
        }
    }

    @Test
    void aDeathClosesTheChildsStreams() throws Exception {
        try (Kapacitor kapacitor = shell("printf '\\000'; cat > /dev/null; yes; echo yes: $? >&2")) {
            kapacitor.awaitStderr(line -> line.startsWith("yes: "));
            assertThat(kapacitor.death()).hasValue("response: empty (expected: one of its messages)");
        }
    }

    @Test
    void closingKillsTheChildAndItsChildren() throws Exception {
        List<ProcessHandle> family;
        try (Kapacitor kapacitor = shell("sleep 600 & echo ready >&2; wait")) {
            kapacitor.awaitStderr(line -> line.equals("ready"));
            ProcessHandle child = kapacitor.process().orElseThrow();
            family = Stream.concat(Stream.of(child), child.descendants()).toList();
            assertThat(family).hasSize(2);
        }
        for (ProcessHandle member : family) {
            member.onExit().get();
            assertThat(member.isAlive()).isFalse();
        }
    }

    @Test
    void aFailureShowsTheChildsLastWords() throws Exception {
        try (Kapacitor kapacitor = shell("echo one >&2; echo two >&2; exit 1")) {
            kapacitor.awaitEnd();
            assertThatThrownBy(kapacitor::info)
                    .hasMessageContaining("exit status 1")
                    .hasMessageEndingWith("\n  STDERR: one\n  STDERR: two");
        }
    }

    @Test
    void aProgramThatDoesNotExistIsAnError() {
        assertThatThrownBy(() -> Kapacitor.builder().spawn("/nonexistent/agent"))
                .isInstanceOf(IOException.class);
    }

    private static Kapacitor shell(String script) throws IOException {
        return kapacitor().keepalives(false).spawn("sh", "-c", script);
    }
}
