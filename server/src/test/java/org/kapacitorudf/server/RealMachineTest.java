package org.kapacitorudf.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import org.junit.jupiter.api.io.TempDir;

/**
 * A real Kapacitor starts and keeps running with functions whose processes have unusual environments, each as a process
 * UDF and as a server.
 */
@EnabledIfEnvironmentVariable(
        named = "KAPACITORD",
        matches = ".+",
        disabledReason = "KAPACITORD: not set (expected: the path of a kapacitord)")
@Timeout(900)
class RealMachineTest {
    /** Shell lines that start {@code "$@"}, by the name of the function. */
    private static final Map<String, String> ENVIRONMENTS = new LinkedHashMap<>();

    static {
        ENVIRONMENTS.put("plain", "exec \"$@\"");
        ENVIRONMENTS.put("noEnvironment", "exec env -i \"JAVA_HOME=$JAVA_HOME\" \"$@\"");
        ENVIRONMENTS.put("localeNotInstalled", "LC_ALL=xx_YY.UTF-8 exec \"$@\"");
        ENVIRONMENTS.put("posixLocale", "LC_ALL=POSIX exec \"$@\"");
        ENVIRONMENTS.put("collectorOfTool", "JAVA_TOOL_OPTIONS=-XX:+UseG1GC exec \"$@\"");
        ENVIRONMENTS.put("collectorOfJdk", "JDK_JAVA_OPTIONS=-XX:+UseParallelGC exec \"$@\"");
        ENVIRONMENTS.put("smallHeap", "_JAVA_OPTIONS=-Xmx24m exec \"$@\"");
        ENVIRONMENTS.put("nonsense", "JAVA_TOOL_OPTIONS='nonsense -Xms1q @/none -javaagent:/none.jar' exec \"$@\"");
        ENVIRONMENTS.put("logToStdout", "JAVA_TOOL_OPTIONS='-Xlog:gc*:stdout -verbose:gc' exec \"$@\"");
        ENVIRONMENTS.put(
                "agent",
                "JAVA_TOOL_OPTIONS=-agentlib:jdwp=transport=dt_socket,server=y,suspend=n,address=127.0.0.1:0 exec \"$@\"");
        ENVIRONMENTS.put("flightRecorder", "JAVA_TOOL_OPTIONS=-XX:StartFlightRecording exec \"$@\"");
        ENVIRONMENTS.put("noStderr", "exec \"$@\" 2>&-");
        ENVIRONMENTS.put("fullStderr", "exec \"$@\" 2>/dev/full");
        ENVIRONMENTS.put("fewDescriptors", "ulimit -n 80; exec \"$@\"");
        ENVIRONMENTS.put("noProc", "exec unshare -rm sh -c 'mount -t tmpfs none /proc && exec \"$@\"' sh \"$@\"");
        ENVIRONMENTS.put(
                "readOnly",
                "exec unshare -rm sh -c 'mount --bind \"$HOME_DIR\" \"$HOME_DIR\" && mount -o remount,ro,bind \"$HOME_DIR\" && exec \"$@\"' sh \"$@\"");
        ENVIRONMENTS.put("oddPath", "shift; exec \"$ODD/bin/kapacitor-udf\" \"$@\"");
        ENVIRONMENTS.put(
                "oddPathWithoutEnvironment",
                "shift; exec env -i \"JAVA_HOME=$JAVA_HOME\" \"$ODD/bin/kapacitor-udf\" \"$@\"");
    }

    @TempDir
    private Path directory;

    private final List<Process> servers = new ArrayList<>();
    private Installed installed;
    private Installed odd;
    private Kapacitord kapacitord;

    @AfterEach
    void end() throws InterruptedException {
        if (kapacitord != null) {
            kapacitord.close();
        }
        for (Process server : servers) {
            server.destroyForcibly().waitFor();
        }
    }

    @Test
    void aKapacitorStartsAndLivesWithEachEnvironment() throws Exception {
        assumeTrue(mountsAreAllowed(), "unshare -rm: mounts are not allowed here");
        installed = Installed.in(directory);
        odd = Installed.in(Files.createDirectory(directory.resolve("a:b ü%41#?!'&")));
        StringBuilder functions = new StringBuilder();
        List<String> names = new ArrayList<>();
        for (Map.Entry<String, String> environment : ENVIRONMENTS.entrySet()) {
            Path socket = directory.resolve(environment.getKey() + ".sock");
            serve(environment.getKey(), environment.getValue(), socket);
            names.add(environment.getKey());
            functions.append(process(environment.getKey(), environment.getValue()));
            names.add(environment.getKey() + "Socket");
            functions.append("[udf.functions.%sSocket]\nsocket = \"%s\"\ntimeout = \"60s\"\n"
                    .formatted(environment.getKey(), socket));
        }
        for (int i = 0; i < servers.size(); i++) {
            awaitListening(servers.get(i), names.get(2 * i));
        }
        kapacitord = Kapacitord.start(Path.of(System.getenv("KAPACITORD")), directory, functions.toString());
        for (String name : names) {
            kapacitord.define(name, """
                    stream
                        |from().measurement('m').groupBy('g')
                        @%s().field('°C').size(2).as('mean')
                        |httpOut('out')
                    """.formatted(name));
        }
        kapacitord.write("m,g=a °C=1 0\nm,g=b °C=10 0\nm,g=a °C=2 1\nm,g=b °C=20 1");
        Map<String, List<Double>> means = Map.of("a", List.of(1.5), "b", List.of(15.0));
        for (String name : names) {
            kapacitord.await(name, () -> kapacitord.out(name, "g", "mean").equals(means));
            assertThat(kapacitord.error(name)).as(name).isEmpty();
        }
        kapacitord.ping();
        for (Process server : servers) {
            server.toHandle().destroy();
        }
        for (int i = 0; i < servers.size(); i++) {
            assertThat(servers.get(i).waitFor()).as(names.get(2 * i)).isZero();
        }
        kapacitord.ping();
    }

    private String process(String name, String line) {
        StringBuilder variables = new StringBuilder();
        variables().forEach((variable, value) -> variables.append(variable + " = \"" + value + "\"\n"));
        return """
                [udf.functions.%s]
                prog = "/bin/sh"
                args = ["-c", '''%s''', "sh", "%s", "run", "movingAvg"]
                timeout = "60s"
                [udf.functions.%s.env]
                %s""".formatted(name, line, installed.command().get(0), name, variables);
    }

    private void serve(String name, String line, Path socket) throws IOException {
        List<String> command = new ArrayList<>(List.of("sh", "-c", line, "sh"));
        command.addAll(installed.command("serve", "--socket", "movingAvg=" + socket));
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectError(directory.resolve(name + ".log").toFile());
        builder.environment().putAll(variables());
        servers.add(builder.start());
    }

    /** The JVM and its agents may print before it listens. */
    private static void awaitListening(Process server, String name) throws IOException {
        BufferedReader out = server.inputReader();
        String line = "";
        while (!line.startsWith("movingAvg: listening on ")) {
            line = out.readLine();
            assertThat(line).as(name).isNotNull();
        }
    }

    private Map<String, String> variables() {
        return Map.of(
                "JAVA_HOME",
                System.getProperty("java.home"),
                "HOME_DIR",
                installed.home().toString(),
                "ODD",
                odd.home().toString(),
                "KAPACITOR_UDF_CLASSPATH",
                "");
    }

    private static boolean mountsAreAllowed() throws IOException, InterruptedException {
        return new ProcessBuilder("unshare", "-rm", "mount", "-t", "tmpfs", "none", "/mnt")
                        .start()
                        .waitFor()
                == 0;
    }
}
