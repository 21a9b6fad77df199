package org.kapacitorudf.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The shell script {@code kapacitor-udf}, with a JVM that reports its arguments. */
@Tag("jvm")
@Tag("slow")
class LauncherTest {
    private static final String RELEASE =
            "IMPLEMENTOR=\"Some One\"\nJAVA_RUNTIME_VERSION=\"%s.0.1+9-x\"\nJAVA_VERSION=\"%s.0.1\"\nMODULES=\"a b\"\n";

    @TempDir
    private Path dir;

    private final Map<String, String> environment = new HashMap<>();
    private Path home;
    private Path launcher;
    private Path jdk;

    @BeforeEach
    void install() throws IOException {
        home = Files.createDirectories(dir.toRealPath().resolve("my programs/kapacitor-udf"));
        launcher = Files.createDirectories(home.resolve("bin")).resolve("kapacitor-udf");
        Files.copy(Path.of(System.getProperty("kapacitor-udf.scripts"), "kapacitor-udf"), launcher);
        Files.createFile(Files.createDirectories(home.resolve("lib")).resolve("kapacitor-udf.jar"));
        jdk = jdk("jdk", "17");
        environment.put("JAVA_HOME", jdk.toString());
    }

    @Test
    void argumentsArriveAsTheyAre() throws Exception {
        assertThat(launch("run", "a b", "", "*", "$HOME").output())
                .endsWith("\norg.kapacitorudf.server.Main\nrun\na b\n\n*\n$HOME\n")
                .contains("\n-cp\n" + home + "/lib/kapacitor-udf.jar\n")
                .contains("\n-Dkapacitor-udf.launcher=" + launcher + "\n")
                .contains("\n-Dkapacitor-udf.terminals=\n");
    }

    @Test
    void itIsFoundThroughLinks() throws Exception {
        Path elsewhere = Files.createDirectory(dir.resolve("elsewhere"));
        Files.createSymbolicLink(elsewhere.resolve("absolute"), launcher);
        Files.createSymbolicLink(elsewhere.resolve("relative"), Path.of("../elsewhere/absolute"));
        launcher = elsewhere.resolve("relative");
        assertThat(launch("list").output())
                .contains("\n-cp\n" + home + "/lib/kapacitor-udf.jar\n")
                .contains("\n-Dkapacitor-udf.launcher=" + home + "/bin/kapacitor-udf\n");
    }

    @Test
    void calledByItsOtherNameItStartsTheProgramForKafka() throws Exception {
        Path other = Files.copy(launcher, launcher.resolveSibling("kapacitor-udf-streams"));
        launcher = other;
        assertThat(launch("list").output())
                .startsWith("kapacitor-udf-streams: not built (expected: ")
                .contains("/streams-program/target/dist/lib/kapacitor-udf-streams-program.jar, which ");
        Files.createFile(home.resolve("lib/kapacitor-udf-streams-program.jar"));
        launcher = Files.createSymbolicLink(dir.resolve("worker"), other);
        assertThat(launch("list").output())
                .contains(
                        "\n-XX:+ExitOnOutOfMemoryError\n",
                        "\n" + home + "/lib/kapacitor-udf-streams-program.jar\n",
                        "\n-Dkapacitor-udf.launcher=" + other.toRealPath() + "\n",
                        "\norg.kapacitorudf.streams.program.Main\nlist\n")
                .doesNotContain("-Xms", "UseSerialGC");
        // As in scripts/.
        Files.delete(other);
        launcher = Files.createSymbolicLink(other, Path.of("kapacitor-udf"));
        assertThat(launch("list").output()).contains("\norg.kapacitorudf.streams.program.Main\nlist\n");
    }

    @Test
    void anArchiveOfThisJvmIsUsed() throws Exception {
        assertThat(launch("list").output()).doesNotContain("SharedArchiveFile");
        Path archive =
                Files.createFile(Files.createDirectory(home.resolve("cds")).resolve("Some-One-17.0.1+9-x.jsa"));
        assertThat(launch("list").output()).contains("\n-XX:SharedArchiveFile=" + archive + "\n");
        environment.put("JAVA_HOME", jdk("other", "21").toString());
        assertThat(launch("list").output()).doesNotContain("SharedArchiveFile");
    }

    @Test
    void flagsOfTheUserComeLast() throws Exception {
        environment.put("KAPACITOR_UDF_JAVA_OPTS", "-Xmx64m  -Da=*");
        assertThat(launch("list").output())
                .contains(
                        "\n-XX:+UseSerialGC\n-XX:+UseCountedLoopSafepoints\n-XX:LoopStripMiningIter=1000\n-Xmx64m\n-Da=*\n-cp\n");
        environment.put("KAPACITOR_UDF_JAVA_OPTS", "-XX:+UseG1GC");
        assertThat(launch("list").output()).doesNotContain("SerialGC").contains("\n-XX:+UseG1GC\n");
    }

    @Test
    void jarsOfTheUserComeLast() throws Exception {
        environment.put("KAPACITOR_UDF_CLASSPATH", "/srv/mine.jar:/srv/yours.jar");
        assertThat(launch("list").output())
                .contains("\n-cp\n" + home + "/lib/kapacitor-udf.jar:/srv/mine.jar:/srv/yours.jar\n");
    }

    @Test
    void theJvmIsFoundOnThePath() throws Exception {
        environment.put("JAVA_HOME", "");
        Path bin = Files.createDirectory(dir.resolve("bin"));
        Files.createSymbolicLink(bin.resolve("java"), jdk.resolve("bin/java"));
        environment.put("PATH", bin + ":" + System.getenv("PATH"));
        assertThat(launch("list").output()).startsWith(jdk.toRealPath() + "/bin/java\n");
    }

    @Test
    void anOldJvmIsRefused() throws Exception {
        environment.put("JAVA_HOME", jdk("old", "11").toString());
        assertThat(launch("list"))
                .isEqualTo(new Outcome(
                        1,
                        "kapacitor-udf: java: 11.0.1, " + dir
                                + "/old/bin/java (expected: version 17 or later, on the PATH or in JAVA_HOME)\n"));
    }

    @Test
    void aJvmThatIsNotThereIsNamed() throws Exception {
        environment.put("JAVA_HOME", "/nonexistent");
        assertThat(launch("list"))
                .isEqualTo(
                        new Outcome(
                                1,
                                "kapacitor-udf: JAVA_HOME: /nonexistent (expected: a Java installation, version 17 or later, with bin/java)\n"));
    }

    @Test
    void whatIsNotBuiltSaysHow() throws Exception {
        Files.delete(home.resolve("lib/kapacitor-udf.jar"));
        assertThat(launch("list"))
                .isEqualTo(new Outcome(
                        1,
                        "kapacitor-udf: not built (expected: " + home
                                + "/server/target/dist/lib/kapacitor-udf.jar, which " + home
                                + "/bin/build creates)\n"));
    }

    @Test
    void theLocaleIsOneWithUtf8AndTheOptionsOfAllJvmsAreTakenOutOfTheEnvironment() throws Exception {
        Path java = jdk.resolve("bin/java");
        Files.writeString(
                java,
                "#!/bin/sh\necho \"$LC_ALL ${JAVA_TOOL_OPTIONS-unset} ${JDK_JAVA_OPTIONS-unset} ${_JAVA_OPTIONS-unset}\"\n");
        environment.put("LC_ALL", "tr_TR.ISO-8859-9");
        environment.put("JAVA_TOOL_OPTIONS", "-Da=1");
        environment.put("JDK_JAVA_OPTIONS", "-Da=1");
        environment.put("_JAVA_OPTIONS", "-Da=1");
        assertThat(launch("list").output()).matches("(?i)(C|\\w+)\\.UTF-?8 unset unset unset\n");
    }

    @Test
    void theCLibraryKeepsMemoryInFewPlacesUnlessTheOperatorSaysOtherwise() throws Exception {
        Files.writeString(jdk.resolve("bin/java"), "#!/bin/sh\necho \"$MALLOC_ARENA_MAX\"\n");
        assertThat(launch("list").output()).isEqualTo("2\n");
        environment.put("MALLOC_ARENA_MAX", "7");
        assertThat(launch("list").output()).isEqualTo("7\n");
    }

    @Test
    void optionsOfAllJvmsArePassedOnInTheOrderOfTheJvmWithItsQuotes() throws Exception {
        environment.put("JAVA_TOOL_OPTIONS", "-Da='x  y'z \"-Db=it's\"\n-Dc=");
        environment.put("JDK_JAVA_OPTIONS", " --add-modules java.sql ");
        environment.put("KAPACITOR_UDF_JAVA_OPTS", "-Dd=*");
        environment.put("_JAVA_OPTIONS", "-Ddollar=$HOME");
        assertThat(launch("list").output())
                .contains("\n-Da=x  yz\n-Db=it's\n-Dc=\n--add-modules\njava.sql\n-Dd=*\n-Ddollar=$HOME\n-cp\n");
    }

    @Test
    void theOperatorsCollectorAndHeapTakeThePlaceOfOurs() throws Exception {
        environment.put("JAVA_TOOL_OPTIONS", "-XX:+UseG1GC");
        environment.put("_JAVA_OPTIONS", "-Xmx24m");
        assertThat(launch("run", "mirror").output())
                .contains("\n-XX:+UseG1GC\n-Xmx24m\n")
                .doesNotContain("SerialGC", "-Xms", "NewSize", "is ignored");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "-XX:+UseZGC                | -XX:+UseG1GC is ignored (KAPACITOR_UDF_JAVA_OPTS has -XX:+UseZGC)",
                "-Xmx64m                    | -Xms128m is ignored (expected: <= -Xmx64m)",
            })
    void whatCannotBeCombinedIsSaidInOneLine(String later, String said) throws Exception {
        environment.put("JAVA_TOOL_OPTIONS", "-XX:+UseG1GC -Xms128m");
        environment.put("KAPACITOR_UDF_JAVA_OPTS", later);
        assertThat(launch("list").output())
                .startsWith("kapacitor-udf: JAVA_TOOL_OPTIONS: " + said + "\n")
                .containsOnlyOnce("is ignored");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "nonsense",
                "-version",
                "-Xmx",
                "-Xmx24q",
                "-Xnonsense",
                "@/nonexistent",
                "-javaagent:/nonexistent.jar=a",
                "-agentpath:/nonexistent.so",
                "-XX:Flags=/nonexistent",
                "-XX:VMOptionsFile=/usr",
                "-Xlog:gc:file=/nonexistent/gc.log",
                "-Xlog:gc:/nonexistent/gc-%p.log:time",
                "-Xlog:gc:file=/dev/null",
                "-Xloggc:/nonexistent/gc.log",
                "-jar",
                "-Xlog:help"
            })
    void whatTheJvmWouldNotStartWithIsIgnored(String option) throws Exception {
        environment.put("JAVA_TOOL_OPTIONS", option + " -Da=1");
        assertThat(launch("list").output())
                .startsWith("kapacitor-udf: JAVA_TOOL_OPTIONS: " + option + " is ignored (expected: ")
                .doesNotContain("\n" + option + "\n")
                .contains("\n-Da=1\n");
    }

    @ParameterizedTest
    @CsvSource({
        "-Xlog:gc,             -Xlog:gc:stderr",
        "-Xlog:gc*::time,      -Xlog:gc*:stderr:time",
        "-Xlog:gc:stdout:time, -Xlog:gc:stderr:time",
        "-Xlog:gc:file=x.log,  -Xlog:gc:file=x.log",
        "-Xlog,                -Xlog:all:stderr",
        "-Xlog:gc:/tmp/%p/x,   -Xlog:gc:/tmp/%p/x",
        "-Xloggc:x.log,        -Xlog:gc:file=x.log",
        "-verbose:gc,          -Xlog:gc:stderr",
        "-XX:+PrintGC,         -Xlog:gc:stderr",
    })
    void whatTheJvmLogsGoesToStderr(String option, String passed) throws Exception {
        environment.put("KAPACITOR_UDF_JAVA_OPTS", option);
        assertThat(launch("list").output()).contains("\n" + passed + "\n-cp\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"-XX:StartFlightRecording", "-agentlib:jdwp", "@FILE", "-XX:Flags=FILE"})
    void whatMayPrintBeforeTheProgramBeginsDoesNotPrintToStdout(String option) throws Exception {
        Path file = Files.createFile(dir.resolve("options"));
        environment.put("JAVA_TOOL_OPTIONS", option.replace("FILE", file.toString()));
        assertThat(launch("run", "mirror").output()).contains("\n-Dkapacitor-udf.stdout=8\n");
        assertThat(launch("call", "mirror").output()).doesNotContain("kapacitor-udf.stdout");
    }

    @Test
    void anAheadOfTimeCacheOfTheOperatorTakesThePlaceOfOurArchive() throws Exception {
        Files.createFile(Files.createDirectory(home.resolve("cds")).resolve("Some-One-17.0.1+9-x.jsa"));
        environment.put("JAVA_TOOL_OPTIONS", "-XX:AOTCache=app.aot");
        assertThat(launch("list").output()).contains("\n-XX:AOTCache=app.aot\n").doesNotContain("SharedArchiveFile");
    }

    @Test
    void aPathWithAColonIsReachedByADescriptor() throws Exception {
        Path moved = Files.move(home, home.resolveSibling("a:b"));
        launcher = moved.resolve("bin/kapacitor-udf");
        assertThat(launch("list").output())
                .contains("\n-cp\n/proc/self/fd/9/lib/kapacitor-udf.jar\n")
                .contains("\n-Dkapacitor-udf.launcher=" + launcher + "\n");
    }

    private Path jdk(String name, String version) throws IOException {
        Path jdk = Files.createDirectory(dir.resolve(name));
        Files.writeString(jdk.resolve("release"), RELEASE.formatted(version, version));
        Path java = Files.createDirectory(jdk.resolve("bin")).resolve("java");
        Files.writeString(java, "#!/bin/sh\nprintf '%s\\n' \"$0\" \"$@\"\n");
        assertThat(java.toFile().setExecutable(true)).isTrue();
        return jdk;
    }

    private record Outcome(int status, String output) {}

    private Outcome launch(String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(launcher.toString()));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(dir.toFile())
                .redirectErrorStream(true)
                .redirectInput(ProcessBuilder.Redirect.from(launcher.toFile()));
        builder.environment().keySet().removeIf(name -> name.startsWith("KAPACITOR_UDF_"));
        builder.environment().putAll(environment);
        Process process = builder.start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(5, TimeUnit.MINUTES)).isTrue();
        return new Outcome(process.exitValue(), output);
    }
}
