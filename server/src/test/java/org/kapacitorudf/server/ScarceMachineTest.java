package org.kapacitorudf.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.kapacitorudf.server.Installed.Ended;
import org.kapacitorudf.server.plugin.PlugInJars;
import org.kapacitorudf.server.terminal.ExitStatus;

/**
 * The program on a machine with missing resources: it works, or one line shows what is missing, and the exit status is
 * the documented one. Mounts are made in a namespace of the child; if the system does not allow that, those tests are
 * skipped. {@code -Dudf.full=true} also runs the slow ones.
 */
@Tag("slow")
@Tag("one-jdk")
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class ScarceMachineTest {
    private static final boolean IS_FULL = Boolean.getBoolean("udf.full");
    private static final byte[] INFO = {2, 10, 0};
    private static final String INFO_ANSWER = new String(new byte[] {6, 10, 4, 8, 0, 16, 0}, StandardCharsets.UTF_8);
    private static final String DESCRIPTORS =
            "kapacitor-udf: file descriptors: none left (expected: a higher limit; ulimit -n and LimitNOFILE set it)\n";
    private static final String THREADS =
            "kapacitor-udf: threads: none can be started (expected: a higher limit; ulimit -u, LimitNPROC and pids.max set it)\n";

    /** The messages of the shell, the JVM and the program. */
    private static final String NO_THREADS =
            "Cannot fork|[Oo]ut of system resources|process/resource limits|threads: none can be started";

    private static final String NO_DESCRIPTORS = "file descriptors: none left";
    private static final String NO_PROC =
            "mount -t tmpfs none /proc && { ! [ -d /dev/pts ] || mount -t tmpfs none /dev/pts; } || exit 77";
    private static final String READ_ONLY_DIRECTORY =
            "mount --rbind \"$D\" \"$D\" && mount -o remount,ro,bind \"$D\" || exit 77";
    private static final String READ_ONLY = READ_ONLY_DIRECTORY.replace("$D", "/tmp") + "\n" + READ_ONLY_DIRECTORY;
    private static final String FULL_DIRECTORY = "mount -t tmpfs -o size=4k none \"$D/full\" || exit 77\n"
            + "mkdir \"$D/full/sockets\" && head -c 4096 /dev/zero >\"$D/full/fill\"";
    private static final String RIGHTS_INHERITED = "--inh-caps=+dac_override,+dac_read_search";
    private static final String RIGHTS = "--ambient-caps=+dac_override,+dac_read_search";

    @TempDir
    private Path directory;

    private final Map<String, String> environment = new LinkedHashMap<>();
    private Installed installed;

    @BeforeEach
    void install() throws IOException {
        installed = Installed.in(directory);
        environment.put("D", directory.toString());
        environment.put("HOME_DIR", installed.home().toString());
    }

    // ---- no /proc

    @Test
    void withoutProcAndWhereNothingCanBeWrittenAFunctionRuns() throws Exception {
        assertThat(withMounts(NO_PROC + "\n" + READ_ONLY, "run", "mirror")).isEqualTo(new Ended(0, INFO_ANSWER, ""));
    }

    @Test
    void withoutProcAPlugInRuns() throws Exception {
        assumeFull();
        Path plugIns = Files.createDirectory(directory.resolve("plug-ins"));
        PlugInJars.function("Plugged", "plugged", "1L").to(plugIns, "plugged.jar");
        Ended ended = withMounts(NO_PROC, "run", "plugged", "--plugins", plugIns.toString());
        assertThat(ended).isEqualTo(new Ended(0, INFO_ANSWER, ""));
    }

    @Test
    void withoutProcAServerTakesOverWhatAKilledOneLeft() throws Exception {
        assumeFull();
        Path sockets = Files.createDirectory(directory.resolve("sockets"));
        Path left = Files.createDirectory(sockets.resolve("mirror.sock~"));
        Files.setPosixFilePermissions(left, PosixFilePermissions.fromString("rwx------"));
        Ended ended = withMounts(NO_PROC, "serve", "mirror", "--dir", sockets.toString());
        assertThat(ended).isEqualTo(new Ended(0, "mirror: listening on " + sockets + "/mirror.sock\n", ""));
    }

    // ---- only the loopback

    @Test
    void withTheLoopbackOnlyAServerListensAndSaysNoMore() throws Exception {
        assumeThat(status("unshare", "-rn", "ip", "link", "set", "lo", "up"))
                .as("unshare -rn: not allowed here, or no ip")
                .isZero();
        Ended serve = ended(
                "exec unshare -rn sh -c 'ip link set lo up; exec \"$@\"' sh \"$@\"",
                "serve",
                "mirror",
                "--dir",
                sockets(),
                "--metrics",
                "127.0.0.1:0");
        assertThat(serve.status()).isZero();
        assertThat(serve.out()).contains("mirror: listening on ");
        assertThat(serve.err()).isEmpty();
    }

    // ---- read-only file systems

    @Test
    void aDirectoryThatCannotBeWrittenIsNamedByAServer() throws Exception {
        assumeFull();
        String sockets = sockets();
        Ended ended = withMounts(READ_ONLY, "serve", "mirror", "--dir", sockets);
        assertThat(ended)
                .isEqualTo(new Ended(
                        ExitStatus.CANNOT_LISTEN.code(),
                        "",
                        "kapacitor-udf: dir: " + sockets
                                + " (expected: a directory, or a path where one can be created): "
                                + "java.nio.file.FileSystemException: " + sockets + ": Read-only file system\n"));
    }

    @Test
    void anExistingDirectoryThatCannotBeWrittenIsNamedByAServer() throws Exception {
        assumeFull();
        String socket = Files.createDirectory(directory.resolve("sockets")) + "/mirror.sock";
        Ended ended = withMounts(READ_ONLY, "serve", "mirror", "--dir", sockets());
        assertThat(ended)
                .isEqualTo(new Ended(
                        ExitStatus.CANNOT_LISTEN.code(),
                        "",
                        "kapacitor-udf: socket file: " + socket + ": Read-only file system: " + socket
                                + "~ (expected: a directory that this process may write to)\n"));
    }

    @Test
    void aTaskFileThatCannotBeWrittenIsNamedByAServer() throws Exception {
        assumeFull();
        String file = directory + "/tasks.json";
        environment.put("SOCKETS", Files.createTempDirectory("sockets").toString());
        Ended ended = withMounts(
                "mount -t tmpfs none \"$SOCKETS\"; " + READ_ONLY_DIRECTORY,
                "serve",
                "mirror",
                "--dir",
                environment.get("SOCKETS"),
                "--kapacitor",
                "http://127.0.0.1:1",
                "--task-file",
                file);
        Files.delete(Path.of(environment.get("SOCKETS")));
        assertThat(ended)
                .isEqualTo(new Ended(
                        ExitStatus.CANNOT_LISTEN.code(),
                        "",
                        "kapacitor-udf: " + file + ".lock: Read-only file system\n"));
    }

    // ---- full disks

    @Test
    void aFullDiskIsNamedByAServer() throws Exception {
        String socket = Files.createDirectories(directory.resolve("full")) + "/sockets/mirror.sock";
        Ended ended = withMounts(FULL_DIRECTORY, "serve", "mirror", "--dir", directory + "/full/sockets");
        assertThat(ended)
                .isEqualTo(new Ended(
                        ExitStatus.CANNOT_LISTEN.code(),
                        "",
                        "kapacitor-udf: socket file: " + socket
                                + ": No space left on device (expected: space for a file)\n"));
    }

    @Test
    void aFullDiskForItsAnswersIsNamedByAFunction() throws Exception {
        assumeThat(Path.of("/dev/full")).exists();
        Ended ended = installed.run(environment, INFO, "\"$@\" >/dev/full", "run", "mirror");
        assertThat(ended.status()).isEqualTo(ExitStatus.PEER_GONE.code());
        assertThat(ended.err())
                .endsWith(" WARN  kapacitor-udf: STDOUT: cannot be written: No space left on device\n")
                .hasLineCount(1);
    }

    @Test
    void withAFullDiskForTemporaryFilesAndForItsLogAFunctionRuns() throws Exception {
        assumeFull();
        String line = "mount --bind \"$HOME_DIR\" /mnt && mount -t tmpfs -o size=4k none /tmp || exit 77\n"
                + "head -c 4096 /dev/zero >/tmp/fill 2>/dev/null\n"
                + "shift; exec /mnt/bin/kapacitor-udf \"$@\" 2>/dev/full";
        assertThat(withMounts(line, "run", "mirror")).isEqualTo(new Ended(0, INFO_ANSWER, ""));
        assertThat(withMounts(line, "run", "nosuch")).isEqualTo(new Ended(ExitStatus.UNKNOWN_FUNCTION.code(), "", ""));
    }

    // ---- few descriptors

    @Test
    void tooFewDescriptorsAreNamed() throws Exception {
        Ended run = withDescriptors(16, "run", "mirror");
        assertThat(run).isEqualTo(new Ended(ExitStatus.INTERNAL_ERROR.code(), "", DESCRIPTORS));
    }

    @Test
    void howeverFewDescriptorsThereAreItWorksOrNamesThem() throws Exception {
        assumeFull();
        for (int descriptors = 13; descriptors < 50; descriptors++) {
            isAnswerOrNames(NO_DESCRIPTORS, withDescriptors(descriptors, "run", "mirror"));
            // A server needs more.
            isListeningOrNames(
                    NO_DESCRIPTORS, withDescriptors(2 * descriptors - 10, "serve", "mirror", "--dir", sockets()));
        }
    }

    @Test
    void doctorNamesHowManyDescriptorsAreMissing() throws Exception {
        assertThat(withDescriptors(200, "doctor").out())
                .contains("warn  file descriptors: 200 (expected: >= 4596, which is --max-connections plus 500)\n"
                        + "      fix: a higher ulimit -n, or LimitNOFILE= in the unit; or a lower max-connections\n");
    }

    // ---- few processes

    @Test
    void aServerThatCannotStartThreadsSaysSoAndDoesNotBegin() throws Exception {
        Ended serve = withProcesses(19, "serve", "mirror", "--dir", sockets());
        assertThat(serve.status()).isEqualTo(ExitStatus.INTERNAL_ERROR.code());
        assertThat(serve.err()).contains(THREADS);
        assertThat(serve.out()).isEmpty();
    }

    @Test
    void howeverFewProcessesThereMayBeItWorksOrSaysSo() throws Exception {
        assumeFull();
        for (int processes = 1; processes < 30; processes++) {
            isAnswerOrNames(NO_THREADS, withProcesses(processes, "run", "mirror"));
            isListeningOrNames(NO_THREADS, withProcesses(processes, "serve", "mirror", "--dir", sockets()));
        }
    }

    private static void isAnswerOrNames(String pattern, Ended run) {
        if (run.status() == 0) {
            assertThat(run.out()).isEqualTo(INFO_ANSWER);
        } else {
            assertThat(run.err()).containsPattern(pattern);
        }
    }

    private static void isListeningOrNames(String pattern, Ended serve) {
        if (serve.status() == 0) {
            assertThat(serve.out()).startsWith("mirror: listening on ");
        } else {
            assertThat(serve.err()).containsPattern(pattern);
        }
    }

    // ---- common parts

    private String sockets() {
        return directory + "/sockets";
    }

    private static void assumeFull() {
        assumeThat(IS_FULL).as("-Dudf.full=true").isTrue();
    }

    /** @param mounts shell lines; the program is started after them */
    private Ended withMounts(String mounts, String... arguments) throws Exception {
        assumeThat(status("unshare", "-rm", "mount", "-t", "tmpfs", "none", "/mnt"))
                .as("unshare -rm: mounts are not allowed here")
                .isZero();
        environment.put("LINES", mounts + "\nexec \"$@\"");
        return ended("exec unshare -rm sh -c \"$LINES\" sh \"$@\"", arguments);
    }

    private Ended withDescriptors(int count, String... arguments) throws Exception {
        return ended("ulimit -n " + count + "; exec \"$@\"", arguments);
    }

    /** There is no such limit for root. The processes of others count for the user and namespace, too. */
    private Ended withProcesses(int count, String... arguments) throws Exception {
        String other = Integer.toString(60_000 + (int) (ProcessHandle.current().pid() % 5_000));
        List<String> limited = status("sh", "-c", "[ $(id -u) = 0 ]") == 0
                ? List.of("setpriv", "--reuid=" + other, "--regid=" + other, "--clear-groups", RIGHTS_INHERITED, RIGHTS)
                : List.of("unshare", "-r");
        assumeThat(status(IntStream.range(0, limited.size() + 1)
                        .mapToObj(i -> i < limited.size() ? limited.get(i) : "true")
                        .toArray(String[]::new)))
                .as(limited + ": not allowed here")
                .isZero();
        return ended("exec " + String.join(" ", limited) + " prlimit --nproc=" + count + " \"$@\"", arguments);
    }

    /** A server that listens is requested to end. */
    private Ended ended(String line, String... arguments) throws Exception {
        return installed.run(
                environment,
                INFO,
                process -> {
                    if (arguments[0].equals("serve")) {
                        process.destroy();
                    }
                },
                line,
                arguments);
    }

    /** The exit status of a command; not zero if it is not installed. */
    private static int status(String... command) throws InterruptedException {
        try {
            return new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start()
                    .waitFor();
        } catch (IOException e) {
            return -1;
        }
    }
}
