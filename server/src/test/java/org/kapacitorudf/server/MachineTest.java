package org.kapacitorudf.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.kapacitorudf.Context;
import org.kapacitorudf.Description;
import org.kapacitorudf.Handler;
import org.kapacitorudf.Udf;
import org.kapacitorudf.server.Installed.Ended;
import org.kapacitorudf.server.plugin.PlugInJars;
import org.kapacitorudf.server.terminal.ExitStatus;

/**
 * The program in unusual environments: with a real JVM, and many of them at the same time, because each costs a JVM.
 */
@Tag("jvm")
@Tag("slow")
@Timeout(value = 20, unit = TimeUnit.MINUTES)
class MachineTest {
    private static final byte[] INFO = {2, 10, 0};
    private static final byte[] INFO_ANSWER = {6, 10, 4, 8, 0, 16, 0};

    @TempDir
    private Path directory;

    private final Map<String, String> environment = new LinkedHashMap<>();
    private Installed installed;

    @BeforeEach
    void install() throws IOException {
        installed = Installed.in(directory);
    }

    // ---- locale, paths, Java options

    @Test
    void anyPathAnyLocaleAndOptionsOfOtherJvmsChangeNothing() throws Exception {
        installed = Installed.in(Files.createDirectories(directory.resolve("a:b ü%41#?!'&é")));
        environment.put("LC_ALL", "xx_YY.UTF-8");
        environment.put("JAVA_TOOL_OPTIONS", "-XX:+UseG1GC -XX:+NoSuchFlag nonsense -verbose:gc");
        environment.put("JDK_JAVA_OPTIONS", "--show-version -Dx='a b'");
        environment.put("_JAVA_OPTIONS", "-Xmx24m -javaagent:/nonexistent.jar");
        Path file = Files.writeString(directory.resolve("plügs.lp"), "m °C=1 0\nm °C=2 1\n");
        Ended ended = run(
                new byte[0],
                "\"$@\"",
                "call",
                "movingAvg",
                "--option",
                "field=°C",
                "--option",
                "size=2",
                file.toString());
        assertThat(ended.out()).isEqualTo("m avg=1.0 0\nm avg=1.5 1\n");
        assertThat(ended.err())
                .contains("kapacitor-udf: JAVA_TOOL_OPTIONS: nonsense is ignored")
                .contains("kapacitor-udf: JDK_JAVA_OPTIONS: --show-version is ignored")
                .contains("kapacitor-udf: _JAVA_OPTIONS: -javaagent:/nonexistent.jar is ignored")
                .doesNotContain("Picked up");
        assertThat(ended.status()).isZero();
    }

    @Test
    void withoutAnEnvironmentAServersPathsMayHaveAnyCharacter() throws Exception {
        Path plugIns = Files.createDirectory(directory.resolve("plügs"));
        PlugInJars.function("Plugged", "plugged", "1L").to(plugIns, "plügged.jar");
        Path sockets = directory.resolve("söckets");
        Ended ended = installed.run(
                Map.of(),
                new byte[0],
                ProcessHandle::destroy,
                "exec env -i \"JAVA_HOME=$JAVA_HOME\" \"$@\"",
                "serve",
                "plugged",
                "--plugins",
                plugIns.toString(),
                "--dir",
                sockets.toString());
        assertThat(ended).isEqualTo(new Ended(0, "plugged: listening on " + sockets + "/plugged.sock\n", ""));
    }

    @Test
    void withoutALocaleTheArgumentsAreReadAllTheSame() throws Exception {
        assumeTrue(Files.exists(Path.of("/proc/self/cmdline")), "/proc");
        environment.put("LC_ALL", "POSIX");
        String jar = installed.home().resolve("lib/kapacitor-udf.jar").toString();
        Ended ended = run(
                "m °C=1 0\n".getBytes(StandardCharsets.UTF_8),
                "shift; \"$JAVA_HOME/bin/java\" \"$@\"",
                "-cp",
                jar,
                "org.kapacitorudf.server.Main",
                "call",
                "movingAvg",
                "--option",
                "field=°C",
                "--option",
                "size=2");
        assertThat(ended).isEqualTo(new Ended(0, "m avg=1.0 0\n", ""));
    }

    @Test
    void whatAnAgentPrintsIsNotAmongTheAnswers() throws Exception {
        environment.put(
                "JAVA_TOOL_OPTIONS", "-agentlib:jdwp=transport=dt_socket,server=y,suspend=n,address=127.0.0.1:0");
        Ended ended = run(INFO, "\"$@\"", "run", "mirror");
        assertThat(ended.out().getBytes(StandardCharsets.UTF_8)).isEqualTo(INFO_ANSWER);
        assertThat(ended.err()).contains("Listening for transport dt_socket");
        assertThat(ended.status()).isZero();
    }

    @Test
    void whatTheFlightRecorderPrintsIsNotAmongTheAnswers() throws Exception {
        assumeTrue(Boolean.getBoolean("udf.full"), "-Dudf.full=true");
        environment.put("JAVA_TOOL_OPTIONS", "-XX:StartFlightRecording");
        Ended ended = run(INFO, "\"$@\"", "run", "mirror");
        assertThat(ended.out().getBytes(StandardCharsets.UTF_8)).isEqualTo(INFO_ANSWER);
        assertThat(ended.err()).contains("Started recording 1.");
        assertThat(ended.status()).isZero();
    }

    // ---- descriptors

    @Test
    void withoutAnInputThereIsNoneAndTheJvmsFilesAreNotTakenForIt() throws Exception {
        Ended run = run(INFO, "\"$@\" <&-", "run", "mirror");
        assertThat(run.status()).isEqualTo(ExitStatus.PEER_GONE.code());
        assertThat(run.out()).isEmpty();
        assertThat(run.err())
                .endsWith("WARN  kapacitor-udf: STDIN: cannot be read: Is a directory\n")
                .hasLineCount(1);
        Ended call = run(INFO, "\"$@\" <&-", "call", "mirror");
        assertThat(call)
                .isEqualTo(new Ended(
                        ExitStatus.BAD_INPUT.code(),
                        "",
                        "kapacitor-udf: STDIN: java.io.IOException: Is a directory\n"));
    }

    @Test
    void answersThatCannotBeWrittenAreAFailure() throws Exception {
        Ended run = run(INFO, "\"$@\" >&-", "run", "mirror");
        assertThat(run.status()).isEqualTo(ExitStatus.PEER_GONE.code());
        assertThat(run.err())
                .endsWith("WARN  kapacitor-udf: STDOUT: cannot be written: Bad file descriptor\n")
                .hasLineCount(1);
        assertThat(run(INFO, "\"$@\" >&-", "list"))
                .isEqualTo(new Ended(
                        ExitStatus.PEER_GONE.code(),
                        "",
                        "kapacitor-udf: STDOUT: cannot be written: Bad file descriptor\n"));
    }

    @Test
    void withoutAnErrorStreamTheAnswersAreThere() throws Exception {
        Ended ended = run(INFO, "\"$@\" 2>&-", "run", "mirror");
        assertThat(ended.out().getBytes(StandardCharsets.UTF_8)).isEqualTo(INFO_ANSWER);
        assertThat(ended.status()).isZero();
    }

    // ---- System.exit

    /** Ends the JVM at the value 3, or in its constructor. */
    public static final class Exiting implements Udf {
        public Exiting() {
            if (System.getenv("EXIT_AT_ONCE") != null) {
                System.exit(0);
            }
        }

        @Override
        public Description describe() {
            return Description.stream("exiting", "a function for tests");
        }

        @Override
        public Handler create(Context context) {
            boolean onThread = System.getenv("EXIT_ON_THREAD") != null;
            return (point, output) -> {
                output.point(point);
                if (point.doubleField("v") == 3) {
                    if (onThread) {
                        new Thread(() -> System.exit(0)).start();
                        awaitExit();
                    } else {
                        System.exit(0);
                    }
                }
            };
        }

        /**
         * Waits until the program has detected the exit and waits for the end of the call: a later exit would be the
         * program's own.
         */
        private static void awaitExit() {
            while (Thread.getAllStackTraces().keySet().stream()
                    .noneMatch(thread -> thread.getName().equals("kapacitor-udf-exit-detector")
                            && thread.getState() == Thread.State.TIMED_WAITING)) {
                Thread.onSpinWait();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aFunctionThatExitsLosesNoAnswerOfACall(boolean onThread) throws Exception {
        installed.with(Exiting.class);
        if (onThread) {
            environment.put("EXIT_ON_THREAD", "yes");
        }
        Ended ended = run(
                "m v=1 0\nm v=2 1\nm v=5 2\nm v=3 2\n".getBytes(StandardCharsets.UTF_8), "\"$@\"", "call", "exiting");
        assertThat(ended.out()).isEqualTo("m v=1.0 0\nm v=2.0 1\nm v=5.0 2\nm v=3.0 2\n");
        assertThat(ended.err())
                .contains("a function has called System.exit (expected: an exception)")
                .contains("MachineTest$Exiting");
        assertThat(ended.status()).isEqualTo(ExitStatus.FAILED.code());
    }

    @Test
    void aFunctionThatExitsWhenItIsMadeIsNamedByEveryCommand() throws Exception {
        installed.with(Exiting.class);
        environment.put("EXIT_AT_ONCE", "yes");
        for (String[] command : new String[][] {{"list"}, {"run", "exiting"}}) {
            Ended ended = run(INFO, "\"$@\"", command);
            assertThat(ended.err())
                    .contains("a function has called System.exit")
                    .contains("MachineTest$Exiting.<init>");
            assertThat(ended.status()).isEqualTo(ExitStatus.FAILED.code());
        }
    }

    // ---- common parts

    private Ended run(byte[] input, String line, String... arguments) throws Exception {
        return installed.run(environment, input, line, arguments);
    }
}
