package org.kapacitorudf.server;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.kapacitorudf.client.Kapacitor;
import org.kapacitorudf.testing.leaks.NoLeaks;
import org.kapacitorudf.tools.load.Subject;

/**
 * The installed program with its real launcher, on the JVM that runs the tests; its jars are the class path of the
 * tests.
 */
final class Installed {
    /** No process in a test runs long enough to benefit from the second compiler; the full tests use the defaults. */
    private static final String FLAGS = Boolean.getBoolean("udf.full") ? "" : "-XX:TieredStopAtLevel=1";

    static final Path SCRIPT = Path.of(System.getProperty("kapacitor-udf.scripts"), "kapacitor-udf");
    private static final Duration PATIENCE = Duration.ofMinutes(5);

    /** Limits of functions and clients that no machine is too slow for; a test gives those that have to strike. */
    private static final List<String> LIMITS =
            List.of("--warn-call-after=1h", "--drain-deadline=5m", "--grace=5m", "--metrics-timeout=5m");

    private static final int BUFFER_BYTES = 8 * 1024;

    private final Path home;
    private final Path launcher;
    private Path archive;
    private String javaOptions = "";

    private Installed(Path home) {
        this.home = home;
        this.launcher = home.resolve("bin/kapacitor-udf");
    }

    /** Installs it in a directory. Its libraries and its class-data archive are those of {@link SharedLibraries}. */
    static Installed in(Path directory) throws IOException {
        Path home = Files.createDirectories(directory.toRealPath().resolve("home"));
        Installed installed = new Installed(home);
        Files.createDirectories(installed.launcher.getParent());
        Files.copy(SCRIPT, installed.launcher);
        Files.createSymbolicLink(home.resolve("lib"), SharedLibraries.DIRECTORY);
        Path archives = Files.createDirectory(home.resolve("cds"));
        installed.archive = Files.createSymbolicLink(
                archives.resolve(SharedLibraries.ARCHIVE.getFileName()), SharedLibraries.ARCHIVE);
        return installed;
    }

    /** Adds a function of the tests, as a user does: on the class path, listed as a service. */
    Installed with(Class<?> udf) throws IOException {
        Path list = home.resolve("more/META-INF/services/org.kapacitorudf.Udf");
        Files.createDirectories(list.getParent());
        Files.writeString(list, udf.getName());
        return this;
    }

    /** Sets its JVM flags. */
    Installed withJavaOptions(String options) {
        javaOptions = options;
        return this;
    }

    /** Its directory. */
    Path home() {
        return home;
    }

    /** Replaces its class-data archive. */
    void replaceArchive(String content) throws IOException {
        Files.delete(archive);
        Files.writeString(archive, content);
    }

    /** Starts it as Kapacitor does. */
    Kapacitor spawn(String... arguments) throws IOException {
        return spawn(kapacitor().keepalives(false), arguments);
    }

    /** A Kapacitor that never aborts, however busy the machine is. */
    static Kapacitor.Builder kapacitor() {
        return Kapacitor.builder().timeout(Duration.ofMinutes(5)).deadline(Duration.ofMinutes(5));
    }

    /** Starts it as Kapacitor does, with settings. */
    Kapacitor spawn(Kapacitor.Builder kapacitor, String... arguments) throws IOException {
        for (String[] variable : environment(watched())) {
            kapacitor.env(variable[0], variable[1]);
        }
        return kapacitor.spawn(command(arguments));
    }

    /** Starts it as a user does. */
    Process start(String... arguments) throws IOException {
        return builder(arguments).start();
    }

    /** How it ended. */
    record Ended(int status, String out, String err) {}

    /**
     * Runs it with a line of the shell, in which {@code "$@"} is the launcher with its arguments.
     *
     * @param environment additional environment variables
     */
    Ended run(Map<String, String> environment, byte[] input, String line, String... arguments) throws Exception {
        return run(environment, input, process -> {}, line, arguments);
    }

    /**
     * Like the other method.
     *
     * @param whenReady receives the process after its first output
     */
    Ended run(
            Map<String, String> environment,
            byte[] input,
            Consumer<ProcessHandle> whenReady,
            String line,
            String... arguments)
            throws Exception {
        List<String> command = new ArrayList<>(List.of("sh", "-c", line, "sh"));
        command.addAll(command(arguments));
        Path err = Files.createTempFile("err", "");
        ProcessBuilder builder = new ProcessBuilder(command).redirectError(err.toFile());
        for (String[] variable : environment(FLAGS)) {
            builder.environment().put(variable[0], variable[1]);
        }
        builder.environment().putAll(environment);
        Process process = builder.start();
        CompletableFuture.delayedExecutor(PATIENCE.toSeconds(), TimeUnit.SECONDS)
                .execute(process::destroyForcibly);
        try (OutputStream stdin = process.getOutputStream()) {
            stdin.write(input);
        } catch (IOException e) {
            // It does not read its input.
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        byte[] buffer = new byte[BUFFER_BYTES];
        for (int read; (read = process.getInputStream().read(buffer)) >= 0; ) {
            if (out.size() == 0) {
                whenReady.accept(process.toHandle());
            }
            out.write(buffer, 0, read);
        }
        Ended ended = new Ended(process.waitFor(), out.toString(StandardCharsets.UTF_8), Files.readString(err));
        Files.delete(err);
        return ended;
    }

    /** A served function, as a subject to measure, with the flags of the launcher. */
    Subject served(String function) {
        return Subject.server(function, wordsWith(javaOptions, "serve", "--socket", function + "=" + Subject.SOCKET));
    }

    /** A command to start it, including the environment. */
    List<String> words(String... arguments) {
        return wordsWith(FLAGS + " " + javaOptions, arguments);
    }

    private List<String> wordsWith(String options, String... arguments) {
        List<String> words = new ArrayList<>(List.of("env"));
        for (String[] variable : environment(options)) {
            words.add(variable[0] + "=" + variable[1]);
        }
        words.addAll(command(arguments));
        return words;
    }

    private ProcessBuilder builder(String... arguments) {
        ProcessBuilder builder = new ProcessBuilder(command(arguments));
        for (String[] variable : environment(watched())) {
            builder.environment().put(variable[0], variable[1]);
        }
        return builder;
    }

    /** Its launcher with arguments, and with long limits for a function that is hosted. */
    List<String> command(String... arguments) {
        List<String> command = new ArrayList<>(List.of(launcher.toString()));
        command.addAll(List.of(arguments));
        if (arguments.length > 0 && List.of("run", "serve").contains(arguments[0])) {
            boolean isServer = arguments[0].equals("serve");
            for (String limit : LIMITS) {
                String option = limit.substring(0, limit.indexOf('='));
                boolean isGiven = Stream.of(arguments).anyMatch(argument -> argument.split("=")[0].equals(option));
                if (!isGiven && (isServer || !option.startsWith("--metrics"))) {
                    command.add(limit);
                }
            }
        }
        return command;
    }

    /** Its flags, with leak detection; not for measurements. */
    private String watched() {
        return FLAGS + " " + String.join(" ", NoLeaks.flags()) + " " + javaOptions;
    }

    /** Its environment variables. */
    String[][] environment(String javaOptions) {
        return new String[][] {
            {"JAVA_HOME", System.getProperty("java.home")},
            {"KAPACITOR_UDF_CLASSPATH", home.resolve("more").toString()},
            {"KAPACITOR_UDF_JAVA_OPTS", javaOptions}
        };
    }
}
