package org.kapacitorudf.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.JarOutputStream;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import org.kapacitorudf.testing.leaks.NoLeaks;

/**
 * Processes with a test function as their agent. Their classes come from one shared archive, which halves the time of a
 * start.
 */
final class TestJvm {
    private static final List<String> FLAGS = List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto");

    private static final class Shared {
        private static final Path DIRECTORY = directory();
        /** Without a logging back end, because each of the many starts would read its configuration. */
        private static final String CLASSPATH = classPath();

        /** The archive is of the beginning of this class path, too. */
        private static final String CLASSPATH_WITH_LOGBACK = Stream.concat(
                        Stream.of(CLASSPATH),
                        Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
                                .filter(TestJvm::isOfLogback))
                .collect(Collectors.joining(File.pathSeparator));

        private static final Path ARCHIVE = archive();

        private static Path directory() {
            try {
                Path directory = Files.createTempDirectory("kapacitor-udf-test");
                Runtime.getRuntime().addShutdownHook(new Thread(() -> delete(directory)));
                return directory;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        private static void delete(Path directory) {
            for (File file : directory.toFile().listFiles()) {
                file.delete();
            }
            directory.toFile().delete();
        }

        /** A class-data archive requires jars. */
        private static String classPath() {
            List<String> entries = new ArrayList<>();
            for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
                Path path = Path.of(entry);
                if (Files.isDirectory(path)) {
                    entries.add(jar(path, DIRECTORY.resolve(entries.size() + ".jar")));
                } else if (!isOfLogback(entry)) {
                    entries.add(entry);
                }
            }
            return String.join(File.pathSeparator, entries);
        }

        private static String jar(Path classes, Path jar) {
            try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar));
                    Stream<Path> files = Files.walk(classes)) {
                for (Path file : (Iterable<Path>) files.filter(Files::isRegularFile)::iterator) {
                    out.putNextEntry(new ZipEntry(classes.relativize(file).toString()));
                    Files.copy(file, out);
                }
                return jar.toString();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        private static Path archive() {
            Path archive = DIRECTORY.resolve("classes.jsa");
            List<String> command = java(NoLeaks.flags());
            command.add("-XX:ArchiveClassesAtExit=" + archive);
            command.addAll(List.of("-cp", CLASSPATH, TestUdf.class.getName(), TestUdf.echo.name()));
            try {
                Process dump = new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(DIRECTORY.resolve("dump.log").toFile())
                        .start();
                dump.getOutputStream().close();
                assertThat(dump.waitFor()).isZero();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException(e);
            }
            assertThat(archive).exists();
            return archive;
        }
    }

    private TestJvm() {}

    private static boolean isOfLogback(String entry) {
        return entry.contains("logback");
    }

    private static List<String> java(List<String> flags) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(FLAGS);
        command.addAll(flags);
        return command;
    }

    /** The command that starts a function of {@link TestUdf}. */
    static List<String> command(TestUdf udf, String... flags) {
        return command(TestUdf.class, List.of(udf.name()), flags);
    }

    /** The command that starts a program of the tests. */
    static List<String> command(Class<?> main, List<String> args, String... flags) {
        List<String> command = java(NoLeaks.flags());
        command.addAll(List.of(flags));
        command.add("-XX:SharedArchiveFile=" + Shared.ARCHIVE);
        command.addAll(List.of("-cp", Shared.CLASSPATH, main.getName()));
        command.addAll(args);
        return command;
    }

    /** The command that starts a function of {@link HarshUdf}, with the logging back end of the class path. */
    static List<String> command(HarshUdf udf, String... flags) {
        List<String> command = java(List.of(flags));
        command.add("-XX:SharedArchiveFile=" + Shared.ARCHIVE);
        command.addAll(List.of("-cp", Shared.CLASSPATH_WITH_LOGBACK, HarshUdf.class.getName(), udf.name()));
        return command;
    }
}
