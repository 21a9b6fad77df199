package org.kapacitorudf.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.kapacitorudf.embed.UdfServer;
import org.kapacitorudf.server.command.SystemUser;
import org.kapacitorudf.server.command.TaskErrors;
import org.kapacitorudf.server.install.KapacitorConf;
import org.kapacitorudf.server.plugin.Functions;
import org.kapacitorudf.server.plugin.PlugInJars;
import org.kapacitorudf.server.plugin.PlugInPath;
import org.kapacitorudf.server.tasks.KapacitorStandIn;
import org.kapacitorudf.server.terminal.ExitStatus;
import org.kapacitorudf.server.terminal.Terminal;

/** {@code doctor}. */
@Timeout(600)
class DoctorTest {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    @TempDir
    private Path directory;

    private Path config;
    private Path conf;
    private Path socket;

    @BeforeEach
    void files() throws IOException {
        socket = directory.resolve("mirror.sock");
        config = Files.writeString(directory.resolve("c.toml"), "names = [\"mirror\"]\ndir = \"" + directory + "\"\n");
        conf = Files.writeString(directory.resolve("kapacitor.conf"), KapacitorConf.socket("mirror", socket));
    }

    private UdfServer server() throws IOException {
        return UdfServer.builder()
                .function(Functions.find("mirror"), socket)
                .build()
                .start();
    }

    private int doctor(String... more) {
        return doctorWithin("5m", more);
    }

    private int doctorWithin(String timeout, String... more) {
        List<String> line = new ArrayList<>(List.of(
                "doctor", "--config", config.toString(), "--kapacitor-conf", conf.toString(), "--timeout", timeout));
        line.addAll(List.of(more));
        return Main.execute(new Terminal(out, new ByteArrayOutputStream(), "", false), line.toArray(String[]::new));
    }

    private int doctorWithoutFiles(String... arguments) {
        List<String> line = new ArrayList<>(List.of("doctor"));
        line.addAll(List.of(arguments));
        return Main.execute(new Terminal(out, new ByteArrayOutputStream(), "", false), line.toArray(String[]::new));
    }

    private String out() {
        return out.toString(StandardCharsets.UTF_8);
    }

    private Path executable(String name) throws IOException {
        return Files.createFile(
                directory.resolve(name),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
    }

    @Test
    void thePlugInsOfOneCommandAreNotThoseOfTheNext() throws IOException {
        Path plugIns = Files.createDirectory(directory.resolve("plugins"));
        Files.writeString(config, "plugins = [\"" + plugIns + "\"]\n");
        doctor();
        assertThat(out()).contains("plug-ins: " + plugIns);
        assertThat(PlugInPath.directories()).isEmpty();
    }

    @Test
    void aServerThatAnswersWhereKapacitorLooksForItIsContent() throws IOException {
        try (UdfServer server = server()) {
            assertThat(doctor("--user", System.getProperty("user.name")))
                    .as(out())
                    .isZero();
        }
        assertThat(out())
                .contains("ok    configuration: " + config)
                .contains("ok    " + conf + ":1:16: " + socket)
                .contains("ok    socket " + socket + ": an agent answers, ")
                .doesNotContain("bad ");
    }

    @Test
    void aSocketWithoutAnAgentIsBad() {
        assertThat(doctor()).isEqualTo(ExitStatus.FAILED.code());
        assertThat(out())
                .contains("bad   socket " + socket + ": no such file (expected: the socket of an agent)\n"
                        + "      fix: kapacitor-udf serve, or systemctl start kapacitor-udf; before Kapacitor\n");
    }

    @Test
    void anAgentThatDoesNotAnswerInTimeIsBad() throws IOException {
        try (ServerSocketChannel silent = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            silent.bind(UnixDomainSocketAddress.of(socket));
            assertThat(doctorWithin("50ms")).isEqualTo(ExitStatus.FAILED.code());
        }
        assertThat(out()).containsPattern("bad   socket " + socket + ": .* within 50 ms\n");
    }

    @Test
    void aStatusPageThatDoesNotAnswerInTimeIsAWarning() throws IOException {
        try (ServerSocket silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            String address = "127.0.0.1:" + silent.getLocalPort();
            Files.writeString(config, "metrics = \"" + address + "\"\n");
            doctorWithin("50ms");
            assertThat(out())
                    .contains("warn  server: http://" + address + "/status.json: no answer within 50ms (expected: ");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"soon", "0s", "-1s"})
    void aTimeoutIsLongerThanNothing(String timeout) {
        assertThat(doctorWithin(timeout)).isEqualTo(ExitStatus.USAGE.code());
    }

    @Test
    void kapacitorsUserHasToReachTheSocket() throws IOException {
        try (UdfServer server = server()) {
            assertThat(doctor("--user", "nobody")).isEqualTo(ExitStatus.FAILED.code());
            assertThat(out()).contains("nobody may not enter ").contains("fix: chmod o+x ");
            SystemUser nobody = SystemUser.of("nobody").orElseThrow();
            Files.setPosixFilePermissions(socket, PosixFilePermissions.fromString("rw-rw----"));
            assertThat(nobody.mayWrite(socket)).isFalse();
            Files.setPosixFilePermissions(socket, PosixFilePermissions.fromString("rw-rw-rw-"));
            assertThat(nobody.mayWrite(socket)).isTrue();
        }
        assertThat(doctor("--user", "no-such-user")).isEqualTo(ExitStatus.FAILED.code());
        assertThat(out()).contains("bad   user: no-such-user: no such user");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "socket = '/run/x'; prog = '/bin/sh'; timeout = '10s'|:1:16: prog or socket: both (expected: one of them)",
                "timeout = '10s'|:1:16: prog or socket: neither (expected: one of them)",
                "socket = '/run/x'; timeout = '10s'|:2:1: /run/x (expected: ",
                "socket = '@'|:1:16: timeout: missing (expected: > 1ms)",
                "socket = '@'; timeout = '1ms'|:1:16: timeout: 1ms (expected: > 1ms)",
                "socket = '@'; timeout = 'soon'|:3:1: timeout: soon (expected: a duration",
                "prog = '/nowhere/kapacitor-udf'; timeout = '10s'|:2:1: /nowhere/kapacitor-udf: no such file",
                "prog = '#'; args = ['run', 'miror']; timeout = '10s'|:3:1: function: miror (expected: one of ",
                "prog = '#'; args = ['run', 'mirror', '--on-eror', 'skip']; timeout = '10s'|:3:1: args: Unknown option",
                "prog = '#'; args = ['run', 'mirror', '--grace', 'x']; timeout = '10s'|:3:1: args: --grace: x (expected: ",
                "prog = '#'; args = ['serve']; timeout = '10s'|:3:1: args: [serve] (expected: [\"run\", NAME])",
                "prog = '#'; args = ['run', 'mirror']; timeout = '10s'; env = {JAVA_HOME = '/nowhere'}|:1:16: JAVA_HOME: /nowhere (expected: ",
            })
    void whatIsWrongInKapacitorsConfigurationIsSaidWithItsPlace(String lines, String problem) throws IOException {
        Path launcher = executable("kapacitor-udf");
        Files.writeString(
                conf,
                "[udf.functions.mirror]\n"
                        + lines.replace("; ", "\n")
                                .replace("@", socket.toString())
                                .replace("#", launcher.toString()));
        assertThat(doctor()).isEqualTo(ExitStatus.FAILED.code());
        assertThat(out()).contains("bad   " + conf + problem);
    }

    @Test
    void aConfigurationThatIsWrongIsBadButTheRestIsLookedAt() throws IOException {
        Files.writeString(config, "max-conections = 1\n");
        Files.writeString(conf, "[udf\n");
        assertThat(doctor()).isEqualTo(ExitStatus.FAILED.code());
        assertThat(out())
                .contains("bad   configuration: " + config + ":1:1: max-conections: unknown key")
                .contains("bad   kapacitor.conf: " + conf + ":1:")
                .contains("ok    java: ");
    }

    @Test
    void aPlugInThatIsIgnoredAndADirectoryThatOthersMayWriteToAreBad() throws IOException {
        Path good = Files.createDirectory(directory.resolve("good"));
        Files.writeString(good.resolve("broken.jar"), "no jar");
        Path open = Files.createDirectory(directory.resolve("open"));
        Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rwxrwxrwx"));
        Files.writeString(config, "names = [\"mirror\"]\nplugins = [\"" + good + "\", \"" + open + "\"]\n");
        assertThat(doctor()).isEqualTo(ExitStatus.FAILED.code());
        assertThat(out())
                .contains("bad   plug-ins: " + open + ": writable by everybody")
                .contains("bad   plug-in: broken.jar: cannot be read as a jar");
    }

    @Test
    void aTaskThatHasEndedWithAnErrorIsBad() throws Exception {
        try (UdfServer server = server();
                KapacitorStandIn api = KapacitorStandIn.start(InstantSource.system())) {
            api.task("well", Instant.now(), "mirror");
            assertThat(doctor("--kapacitor", api.url())).as(out()).isZero();
            assertThat(out()).contains("ok    Kapacitor: " + api.url() + " answers", "ok    task well: runs");
            api.task("ill", Instant.now(), "mirror");
            api.set("ill", "executing", false);
            api.set("ill", "error", "mirror2: keepalive timedout, last keepalive received was: 0");
            assertThat(doctor("--kapacitor", api.url())).isEqualTo(ExitStatus.FAILED.code());
            assertThat(out())
                    .contains("bad   task ill: mirror2: keepalive timedout")
                    .contains("fix: timeout = \"10s\" or more")
                    .contains("kapacitor reload ill");
        }
        assertThat(doctor("--kapacitor", "http://127.0.0.1:1")).isEqualTo(ExitStatus.FAILED.code());
        assertThat(out()).contains("bad   Kapacitor: ");
        assertThat(TaskErrors.cure("mirror2: keepalive timedout, last keepalive"))
                .startsWith("timeout = \"10s\"");
    }

    @Test
    void aTaskOfAProcessUdfThatHasEndedWithAnErrorIsBad() throws Exception {
        Files.writeString(conf, "[udf.functions.npe]\nprog = '/nowhere/kapacitor-udf'\ntimeout = '10s'\n");
        try (KapacitorStandIn api = KapacitorStandIn.start(InstantSource.system())) {
            api.task("well", Instant.now(), "npe");
            endedWithAnError(api, "ill", "npe");
            doctorWithoutFiles("--kapacitor-conf", conf.toString(), "--kapacitor", api.url());
        }
        assertThat(out())
                .contains("ok    task well: runs")
                .contains("bad   task ill: npe2: npe (task ill, node npe2): point: java.lang.NullPointerException")
                .contains("fix: fix the function, or use --on-error skip");
    }

    @Test
    void aTaskOfAnUnknownFunctionIsBadIfItHasEndedWithAnError() throws Exception {
        try (KapacitorStandIn api = KapacitorStandIn.start(InstantSource.system())) {
            api.task("foreign", Instant.now(), "npe");
            endedWithAnError(api, "withoutFunction");
            assertThat(doctorWithoutFiles("--kapacitor", api.url())).as(out()).isZero();
            assertThat(out()).doesNotContain("task ");
            endedWithAnError(api, "ill", "npe");
            assertThat(doctorWithoutFiles("--kapacitor", api.url())).isEqualTo(ExitStatus.FAILED.code());
            assertThat(out())
                    .contains("bad   task ill: npe2: npe (task ill, node npe2): point: java.lang.NullPointerException")
                    .doesNotContain("foreign", "withoutFunction");
        }
    }

    private static void endedWithAnError(KapacitorStandIn api, String task, String... functions) {
        api.task(task, Instant.now(), functions);
        api.set(task, "executing", false);
        api.set(task, "error", "npe2: npe (task ill, node npe2): point: java.lang.NullPointerException");
    }

    @Test
    void theFixForAJarThatAProcessUdfLeavesOutNamesTheJar() throws Exception {
        Path plugIns = Files.createDirectory(directory.resolve("plugins"));
        Files.writeString(plugIns.resolve("npe-1.0.jar"), "no jar");
        Installed installed = Installed.in(directory);
        StringBuilder text = new StringBuilder("[udf.functions.npe]\nprog = '")
                .append(installed.command().get(0))
                .append("'\nargs = ['run', 'npe']\ntimeout = '300s'\n[udf.functions.npe.env]\n")
                .append(PlugInPath.VARIABLE + " = '" + plugIns + "'\n");
        for (String[] variable : installed.environment("")) {
            text.append(variable[0] + " = '" + variable[1] + "'\n");
        }
        Files.writeString(conf, text);
        assertThat(doctorWithoutFiles("--kapacitor-conf", conf.toString())).isEqualTo(ExitStatus.FAILED.code());
        assertThat(out())
                .containsPattern(
                        "bad   .*kapacitor.conf:1:16: does not answer: .*ignored: npe-1.0.jar: cannot be read as"
                                + " a jar.*\n      fix: copy or build npe-1.0.jar again: it is truncated or not a jar\n");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "ignored: a-1.0.jar: cannot be read as a jar: /x/a-1.0.jar (Permission denied); function: a (expected: one of b)"
                        + "|chmod o+r a-1.0.jar",
                "ignored: a-1.1.jar: c (expected: one function of the name; C of a-1.0.jar is used); function: a (expected: one of b)"
                        + "|remove the older jar with the function",
                "ignored: a-1.0.jar: writable by its group (expected: only by its owner; chmod g-w a); function: a (expected: one of b)"
                        + "|run the command in the message; docs/security.md gives the reason",
                "ignored: a-1.0.jar: A: does not implement Udf; function: a (expected: one of b)"
                        + "|replace a-1.0.jar; docs/plugins.md lists the requirements",
                "function: a (expected: one of b)|correct the name in args, or set KAPACITOR_UDF_PLUGINS",
                "Unknown options: '--on-eror', 'skip' Possible solutions: --on-error, --on-bad-snapshot|did you mean --on-error?",
            })
    void theFixForAProgramThatDoesNotAnswerFollowsFromItsOutput(String printed, String cure) throws IOException {
        Path prog = executable("prog");
        Files.writeString(prog, "#!/bin/sh\ncat >&2 <<'END'\nkapacitor-udf: " + printed + "\nEND\nexit 3\n");
        Files.writeString(conf, "[udf.functions.a]\nprog = '" + prog + "'\ntimeout = '300s'\n");
        doctor();
        assertThat(out()).contains("kapacitor-udf: " + printed + "\n      fix: " + cure);
    }

    @Test
    void kapacitorsUserHasToReadThePlugIns() throws Exception {
        Path plugIns = Files.createDirectory(directory.resolve("plugins"));
        PlugInJars.function("Alarm", "alarm", "1.0").to(plugIns, "alarm.jar");
        Path jar = plugIns.resolve("alarm.jar");
        Files.setPosixFilePermissions(jar, PosixFilePermissions.fromString("rw-------"));
        String[] arguments = {"--user", "nobody", "--plugins", plugIns.toString()};
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx------"));
        assertThat(doctorWithoutFiles(arguments)).isEqualTo(ExitStatus.FAILED.code());
        assertThat(out())
                .contains(
                        "bad   plug-in: " + directory + ": nobody may not enter it\n      fix: chmod o+x " + directory);
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.setPosixFilePermissions(plugIns, PosixFilePermissions.fromString("rwx--x--x"));
        out.reset();
        assertThat(doctorWithoutFiles(arguments)).isEqualTo(ExitStatus.FAILED.code());
        assertThat(out())
                .contains("bad   plug-in: " + plugIns + ": nobody may not read it\n      fix: chmod o+r " + plugIns)
                .contains("bad   plug-in: " + jar + ": nobody may not read it\n      fix: chmod o+r " + jar);
        Files.setPosixFilePermissions(plugIns, PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.setPosixFilePermissions(jar, PosixFilePermissions.fromString("rw-r--r--"));
        out.reset();
        assertThat(doctorWithoutFiles(arguments)).as(out()).isZero();
        assertThat(out()).contains("ok    plug-ins: " + plugIns + ": 1 function: alarm");
    }

    @Test
    void thePlugInsOfADirectoryAreCountedByTheirFunctions() throws Exception {
        Path target = Files.createDirectory(directory.resolve("target"));
        Files.createDirectory(target.resolve("classes"));
        assertThat(doctorWithoutFiles("--plugins", target.toString())).as(out()).isZero();
        assertThat(out()).contains("ok    plug-ins: " + target + ": no functions\n");
        PlugInJars.function("Zeta", "zeta", "1.0").to(target, "zeta.jar");
        PlugInJars.function("Alarm", "alarm", "1.0").to(target, "alarm.jar");
        assertThat(doctorWithoutFiles("--plugins", target.toString())).as(out()).isZero();
        assertThat(out()).contains("ok    plug-ins: " + target + ": 2 functions: alarm, zeta\n");
    }

    @Test
    void ofTwoJarsWithOneFunctionTheOlderOneIsToBeRemoved() throws Exception {
        Path plugIns = Files.createDirectory(directory.resolve("plugins"));
        PlugInJars.function("Alarm", "alarm", "1.0").to(plugIns, "alarm-1.0.jar");
        PlugInJars.function("Alarm", "alarm", "1.1").to(plugIns, "alarm-1.1.jar");
        assertThat(doctorWithoutFiles("--plugins", plugIns.toString())).isEqualTo(ExitStatus.FAILED.code());
        assertThat(out())
                .containsPattern("bad   plug-in: alarm-1.[01].jar: alarm .expected: one function of the name.*\n"
                        + "      fix: remove the older jar with the function, or rename one of the functions\n");
    }

    @Test
    void theFixForAMisspeltOptionOfRunIsItsSuggestion() throws IOException {
        Path launcher = executable("kapacitor-udf");
        Files.writeString(
                conf,
                "[udf.functions.mirror]\nprog = '" + launcher
                        + "'\nargs = ['run', 'mirror', '--on-eror', 'skip']\ntimeout = '10s'\n");
        doctor();
        assertThat(out()).contains("args: Unknown options: '--on-eror', 'skip'\n      fix: did you mean --on-error?\n");
    }
}
