package org.kapacitorudf.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
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
import org.kapacitorudf.Output;
import org.kapacitorudf.Point;
import org.kapacitorudf.Udf;
import org.kapacitorudf.client.Kapacitor;
import org.kapacitorudf.client.Options;
import org.kapacitorudf.client.Points;
import org.kapacitorudf.option.Option;
import org.kapacitorudf.server.plugin.PlugInJars;
import org.kapacitorudf.server.terminal.ExitStatus;
import org.slf4j.LoggerFactory;

/** {@code run NAME}, started by its launcher. */
@Tag("jvm")
@Tag("slow")
@Timeout(600)
class RunTest {
    private static final Duration LONG = Duration.ofMinutes(5);

    @TempDir
    private Path directory;

    private Installed installed;

    @BeforeEach
    void install() throws IOException {
        installed = Installed.in(directory).with(Peculiar.class);
    }

    @Test
    void aCleanConversationEndsWithZeroAndWithoutAWarning() throws Exception {
        try (Kapacitor kapacitor = installed.spawn("run", "mirror")) {
            kapacitor.info();
            kapacitor.init("cpu", "mirror2");
            kapacitor.send(Points.of("m value=1 0", "m value=2 1"));
            kapacitor.awaitReceived(2);
            kapacitor.closeInput();
            assertThat(kapacitor.awaitEnd(LONG).exitStatus()).hasValue(ExitStatus.OK.code());
            assertThat(kapacitor.problems()).isEmpty();
            assertThat(kapacitor.stderr())
                    .isNotEmpty()
                    .allSatisfy(
                            line -> assertThat(line)
                                    .matches(
                                            "\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z INFO  mirror cpu/mirror2: .*"));
        }
    }

    @Test
    void nothingOfWhatAServerIsLookedAtByIsLoadedOnTheWayToInfo() throws Exception {
        Path log = directory.resolve("classes");
        installed.withJavaOptions("-Xlog:class+load:file=" + log);
        try (Kapacitor kapacitor = installed.spawn("run", "mirror")) {
            kapacitor.info();
            kapacitor.closeInput();
            kapacitor.awaitEnd(LONG);
        }
        assertThat(Files.readAllLines(log))
                .hasSizeGreaterThan(500)
                .noneMatch(line -> line.contains("micrometer")
                        || line.contains("io.prometheus")
                        || line.contains("io.netty.handler.codec.http")
                        || line.contains("tools.jackson")
                        || line.contains("kapacitorudf.server.ops")
                        || line.contains("JsonEncoder"));
    }

    @Test
    void printsLandOnStderrInLinesThatKapacitorCanRead() throws Exception {
        try (Kapacitor kapacitor = installed.spawn("run", "peculiar")) {
            converse(kapacitor, "print");
            assertThat(kapacitor.awaitEnd(LONG).exitStatus()).hasValue(ExitStatus.OK.code());
            assertThat(kapacitor.problems()).isEmpty();
            assertThat(kapacitor.stderr())
                    .contains("made", "described", "created")
                    .anyMatch(line -> line.matches("printed x+\\.\\.\\. \\(\\d+ more\\)"))
                    .anyMatch(line -> line.matches(".* WARN  peculiar task/node: logged x+\\.\\.\\. \\(\\d+ more\\)"))
                    .allSatisfy(line -> assertThat(line.length()).isLessThanOrEqualTo(8 * 1024));
        }
    }

    @Test
    void aThreadDumpDoesNotDisturbTheProtocol() throws Exception {
        try (Kapacitor kapacitor = installed.spawn("run", "mirror")) {
            kapacitor.init("cpu", "mirror2");
            signal("QUIT", kapacitor.process().orElseThrow());
            kapacitor.awaitStderr(line -> line.startsWith("Full thread dump"));
            kapacitor.send(Points.of("m value=1 0"));
            kapacitor.awaitReceived(1);
            kapacitor.closeInput();
            assertThat(kapacitor.awaitEnd(LONG).exitStatus()).hasValue(ExitStatus.OK.code());
            assertThat(kapacitor.problems()).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "this is no archive"})
    void aWrongArchiveIsPassedOverInSilence(String content) throws Exception {
        installed.replaceArchive(content);
        try (Kapacitor kapacitor = installed.spawn("run", "mirror")) {
            kapacitor.info();
            kapacitor.closeInput();
            assertThat(kapacitor.awaitEnd(LONG).exitStatus()).hasValue(ExitStatus.OK.code());
            assertThat(kapacitor.problems()).isEmpty();
            assertThat(kapacitor.stderr()).allSatisfy(line -> assertThat(line).contains(" INFO  "));
        }
    }

    @Test
    @Tag("one-jdk")
    void aFunctionThatFailsEndsWithItsStatus() throws Exception {
        try (Kapacitor kapacitor = installed.spawn("run", "peculiar")) {
            converse(kapacitor, "throw");
            assertThat(kapacitor.awaitEnd(LONG).exitStatus()).hasValue(ExitStatus.FAILED.code());
            assertThat(kapacitor.taskError())
                    .hasValueSatisfying(text -> assertThat(text).contains("thrown"));
        }
    }

    @Test
    @Tag("one-jdk")
    void anOptionReachesTheAgent() throws Exception {
        try (Kapacitor kapacitor = installed.spawn("run", "peculiar", "--on-error", "skip", "--trace", "peculiar")) {
            converse(kapacitor, "throw");
            assertThat(kapacitor.awaitEnd(LONG).exitStatus()).hasValue(ExitStatus.OK.code());
            assertThat(kapacitor.taskError()).isEmpty();
            assertThat(kapacitor.stderr())
                    .anyMatch(line -> line.endsWith(" TRACE peculiar task/node: > Point m value=1.0 0"));
        }
    }

    @Test
    void aThreadAndAChildThatOutliveTheHandlerDoNotDelayTheEnd() throws Exception {
        try (Kapacitor kapacitor = installed.spawn("run", "peculiar")) {
            converse(kapacitor, "linger");
            assertThat(kapacitor.awaitEnd(LONG).exitStatus()).hasValue(ExitStatus.OK.code());
        }
    }

    @Test
    void aSignalLeavesTheInputTimeToEnd() throws Exception {
        try (Kapacitor kapacitor = installed.spawn("run", "mirror")) {
            kapacitor.init("cpu", "mirror2");
            signal("TERM", kapacitor.process().orElseThrow());
            kapacitor.send(Points.of("m value=1 0"));
            kapacitor.awaitReceived(1);
            kapacitor.closeInput();
            assertThat(kapacitor.awaitEnd(LONG).exitStatus()).hasValue(ExitStatus.OK.code());
            assertThat(kapacitor.problems()).isEmpty();
        }
    }

    @Test
    void anInputThatDoesNotEndAfterASignalIsEnded() throws Exception {
        try (Kapacitor kapacitor = installed.spawn("run", "peculiar", "--grace", "10ms")) {
            kapacitor.init("task", "node", Options.of("how", "stop"));
            signal("INT", kapacitor.process().orElseThrow());
            kapacitor.awaitReceived(1);
            assertThat(kapacitor.awaitEnd(LONG).exitStatus()).hasValue(ExitStatus.OK.code());
        }
    }

    @Test
    void aPlugInIsRunFromTheDirectoryThatIsNamed() throws Exception {
        Path plugIns = Files.createDirectory(directory.resolve("plugins"));
        PlugInJars.function("Where", "where", "Thread.currentThread().getContextClassLoader().getName()")
                .to(plugIns, "where.jar");
        Files.writeString(plugIns.resolve("broken.jar"), "no jar");
        try (Kapacitor kapacitor = installed.spawn("run", "where", "--plugins", plugIns.toString())) {
            converse(kapacitor);
            assertThat(kapacitor.awaitEnd(LONG).exitStatus()).hasValue(ExitStatus.OK.code());
            assertThat(kapacitor.points().get(0).getFieldsStringOrThrow("is")).isEqualTo("where.jar");
        }
        Process process = installed.start("run", "other", "--plugins=" + plugIns);
        assertThat(new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8))
                .contains("kapacitor-udf: ignored: broken.jar: cannot be read", "; function: other (expected: one of ");
        assertThat(process.waitFor()).isEqualTo(ExitStatus.UNKNOWN_FUNCTION.code());
    }

    @ParameterizedTest
    @ValueSource(strings = {"run", "describe", "call"})
    void aFunctionThatIsInTwoJarsIsWarnedOf(String command) throws Exception {
        Path plugIns = Files.createDirectory(directory.resolve("plugins")).toRealPath();
        PlugInJars alarm = PlugInJars.function("Alarm", "alarm", "1.0");
        Path older = alarm.to(plugIns, "alarm-1.0.jar");
        Files.setLastModifiedTime(older, FileTime.from(Instant.parse("2020-01-01T00:00:00Z")));
        Path newer = alarm.to(plugIns, "alarm-1.1.jar");
        Process process = installed.start(command, "alarm", "--plugins=" + plugIns);
        process.getOutputStream().close();
        assertThat(new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8))
                .contains("plug-in alarm-1.0.jar is ignored: alarm (expected: one function of the name; Alarm of "
                        + newer + " is used)");
        assertThat(process.waitFor()).isZero();
    }

    @Test
    @Tag("one-jdk")
    void aFunctionThatIsNotThereEndsWithItsStatus() throws Exception {
        Process process = installed.start("run", "nosuch");
        process.getOutputStream().close();
        assertThat(process.getInputStream().readAllBytes()).isEmpty();
        assertThat(new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8))
                .contains("kapacitor-udf: function: nosuch (expected: one of ", "mirror, movingAvg, outliers, peculiar")
                .endsWith(")\n");
        assertThat(process.waitFor()).isEqualTo(ExitStatus.UNKNOWN_FUNCTION.code());
    }

    private static void converse(Kapacitor kapacitor) {
        kapacitor.init("task", "node");
        kapacitor.send(Points.of("m value=1 0"));
        kapacitor.closeInput();
    }

    private static void converse(Kapacitor kapacitor, String how) {
        assertThat(kapacitor.init("task", "node", Options.of("how", how)).getError())
                .isEmpty();
        kapacitor.send(Points.of("m value=1 0"));
        kapacitor.closeInput();
    }

    private static void signal(String name, ProcessHandle process) throws Exception {
        // The shell's built-in, because the program may not be installed.
        assertThat(new ProcessBuilder("sh", "-c", "kill -" + name + " " + process.pid())
                        .start()
                        .waitFor())
                .isZero();
    }

    /** Misbehaves. */
    public static final class Peculiar implements Udf {
        private static final Option<String> HOW = Option.string("how").required();
        private static final int LONG_LINE = 100_000;

        public Peculiar() {
            System.out.println("made");
        }

        @Override
        public Description describe() {
            System.out.println("described");
            return Description.stream("peculiar", "does what it should not").options(HOW);
        }

        @Override
        public Handler create(Context context) throws IOException {
            System.out.println("created");
            String how = context.option(HOW);
            if (how.equals("linger")) {
                new Thread(() -> sleep(Duration.ofMinutes(5))).start();
                Runtime.getRuntime().addShutdownHook(new Thread(() -> sleep(Duration.ofMinutes(5))));
                new ProcessBuilder("sleep", "300")
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start();
            }
            return new Handler() {
                @Override
                public void point(Point point, Output output) {
                    switch (how) {
                        case "print" -> {
                            System.out.println("printed " + "x".repeat(LONG_LINE));
                            LoggerFactory.getLogger("mine").warn("logged {}", "x".repeat(LONG_LINE));
                        }
                        case "throw" -> throw new IllegalStateException("thrown");
                        default -> output.point(point);
                    }
                }

                @Override
                public void stop(Output output) {
                    if (how.equals("stop")) {
                        output.point(Point.of("stopped", 0).withField("value", 1.0));
                    }
                }
            };
        }

        private static void sleep(Duration duration) {
            try {
                Thread.sleep(duration.toMillis());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
