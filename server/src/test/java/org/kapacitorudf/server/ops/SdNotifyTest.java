package org.kapacitorudf.server.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(600)
class SdNotifyTest {
    /** Prints the messages received on a datagram socket, with lines joined by spaces. */
    private static final String RECEIVER = """
            import socket, sys
            s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
            s.bind(sys.argv[1].replace('@', '\\0', 1) if sys.argv[1].startswith('@') else sys.argv[1])
            print('bound', flush=True)
            while True:
                text = s.recv(4096).decode()
                if text != 'BARRIER=1':
                    print(' '.join(text.split('\\n')).strip(), flush=True)
            """;

    private static final Duration PATIENCE = Duration.ofMinutes(5);

    @TempDir
    private Path directory;

    private static boolean runs(String... command) {
        try {
            return new ProcessBuilder(command).redirectErrorStream(true).start().waitFor() == 0;
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private void checkRealSocket(String address) throws Exception {
        assumeTrue(runs("systemd-notify", "--version"), "systemd-notify is not here: nothing to test with");
        assumeTrue(runs("python3", "-c", "pass"), "python3 is not here: Java has no socket to receive with");
        Process receiver = new ProcessBuilder("python3", "-c", RECEIVER, address)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (BufferedReader received = receiver.inputReader(StandardCharsets.UTF_8)) {
            assertThat(received.readLine()).isEqualTo("bound");
            Map<String, String> environment = Map.of("NOTIFY_SOCKET", address, "WATCHDOG_USEC", "200000");
            // systemd-notify finds the socket in its environment, as it does under systemd.
            SdNotify notify = SdNotify.of(
                            environment, List.of("env", "NOTIFY_SOCKET=" + address, "systemd-notify"), PATIENCE)
                    .orElseThrow();
            notify.ready(() -> "3\nconnections", () -> true);
            assertThat(received.readLine()).isEqualTo("READY=1 STATUS=3 connections");
            assertThat(received.readLine()).isEqualTo("WATCHDOG=1 STATUS=3 connections");
            notify.stopping();
            String line = received.readLine();
            while (line.startsWith("WATCHDOG=1 ")) {
                line = received.readLine();
            }
            assertThat(line).startsWith("STOPPING=1 STATUS=stopping");
            notify.close();
        } finally {
            receiver.destroyForcibly().waitFor();
        }
    }

    @Test
    void systemdHearsOfTheStartTheLifeAndTheEnd() throws Exception {
        checkRealSocket(directory.resolve("notify").toString());
    }

    @Test
    void theSocketMayBeAnAbstractOne() throws Exception {
        checkRealSocket("@kapacitor-udf-test-" + ProcessHandle.current().pid());
    }

    /** A stand-in for systemd-notify that writes its arguments down. */
    private List<String> writingTo(Path file, int status) throws IOException {
        Path script = directory.resolve("notify.sh");
        Files.writeString(script, "#!/bin/sh\necho \"$*\" >> '" + file + "'\nexit " + status + "\n");
        Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwx------"));
        return List.of(script.toString());
    }

    @Test
    void theWatchdogIsNotToldThatALoopLivesThatDoesNot() throws Exception {
        Path told = directory.resolve("told");
        AtomicBoolean alive = new AtomicBoolean(true);
        AtomicBoolean asked = new AtomicBoolean();
        try (SdNotify notify = SdNotify.of(
                        Map.of("NOTIFY_SOCKET", "/x", "WATCHDOG_USEC", "100000"), writingTo(told, 0), PATIENCE)
                .orElseThrow()) {
            notify.ready(() -> "up", () -> {
                asked.set(true);
                return alive.get();
            });
            while (!Files.readString(told).contains("WATCHDOG=1")) {
                LockSupport.parkNanos(1_000_000);
            }
            alive.set(false);
            // A message that was in progress may still arrive.
            notify.stopping();
            long before = Files.readAllLines(told).size();
            asked.set(false);
            while (!asked.get()) {
                LockSupport.parkNanos(1_000_000);
            }
            notify.stopping();
            assertThat(Files.readAllLines(told)).hasSize((int) before + 1);
        }
    }

    @Test
    void theWatchdogIsToldAgainAfterALackOfMemory() throws Exception {
        Path told = directory.resolve("told");
        AtomicInteger asked = new AtomicInteger();
        try (SdNotify notify = SdNotify.of(
                        Map.of("NOTIFY_SOCKET", "/x", "WATCHDOG_USEC", "100000"), writingTo(told, 0), PATIENCE)
                .orElseThrow()) {
            notify.ready(
                    () -> {
                        if (asked.incrementAndGet() == 2) {
                            throw new OutOfMemoryError("once");
                        }
                        return "up";
                    },
                    () -> true);
            Instant deadline = Instant.now().plus(PATIENCE);
            while (!Files.readString(told).contains("WATCHDOG=1")
                    && Instant.now().isBefore(deadline)) {
                LockSupport.parkNanos(1_000_000);
            }
            assertThat(told).content().contains("WATCHDOG=1");
        }
    }

    @Test
    void aServiceGoesOnWhenSystemdCannotBeTold() throws Exception {
        Path told = directory.resolve("told");
        try (SdNotify failing = SdNotify.of(Map.of("NOTIFY_SOCKET", "/x"), writingTo(told, 1), PATIENCE)
                        .orElseThrow();
                SdNotify missing = SdNotify.of(Map.of("NOTIFY_SOCKET", "/x"), List.of("/no/such/program"), PATIENCE)
                        .orElseThrow()) {
            failing.ready(() -> "up", () -> true);
            missing.ready(() -> "up", () -> true);
            assertThat(Files.readAllLines(told)).containsExactly("READY=1 STATUS=up");
        }
    }

    @Test
    void withoutSystemdThereIsNothingToTell() {
        assertThat(SdNotify.of(Map.of())).isEmpty();
        assertThat(SdNotify.of(Map.of("NOTIFY_SOCKET", ""))).isEmpty();
    }

    @Test
    void theWatchdogIsOnlyForTheProcessThatItNames() {
        String own = Long.toString(ProcessHandle.current().pid());
        Optional<Duration> ten = Optional.of(Duration.ofNanos(TimeUnit.SECONDS.toNanos(10)));
        assertThat(SdNotify.watchdog(Map.of("WATCHDOG_USEC", "10000000"))).isEqualTo(ten);
        assertThat(SdNotify.watchdog(Map.of("WATCHDOG_USEC", "10000000", "WATCHDOG_PID", own)))
                .isEqualTo(ten);
        assertThat(SdNotify.watchdog(Map.of("WATCHDOG_USEC", "10000000", "WATCHDOG_PID", "1")))
                .isEmpty();
        assertThat(SdNotify.watchdog(Map.of("WATCHDOG_USEC", "soon"))).isEmpty();
        assertThat(SdNotify.watchdog(Map.of())).isEmpty();
    }
}
