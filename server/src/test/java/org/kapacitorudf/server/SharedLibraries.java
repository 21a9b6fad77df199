package org.kapacitorudf.server;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import org.kapacitorudf.client.Kapacitor;
import org.kapacitorudf.client.Options;
import org.kapacitorudf.client.Points;
import org.kapacitorudf.testing.leaks.NoLeaks;

/**
 * The libraries of all {@linkplain Installed installed programs}: the class path of the tests, as jars, and a
 * class-data archive of them, which halves the CPU time of a start. JVMs on the same class path share them.
 */
final class SharedLibraries {
    private static final Path ALL = Path.of("target", "installed").toAbsolutePath();
    private static final String JVM = Runtime.version().feature() + "-";
    private static final Path HOME = ALL.resolve(JVM + Integer.toHexString(fingerprint()));
    private static final Path LOG = HOME.resolve("log");

    /** The directory of the jars. The manifest of {@code kapacitor-udf.jar} lists the others. */
    static final Path DIRECTORY = HOME.resolve("lib");

    private static final Path JAR = DIRECTORY.resolve("kapacitor-udf.jar");

    /** The class-data archive, with the name that the launcher expects. */
    static final Path ARCHIVE = archive();

    private SharedLibraries() {}

    private static List<Path> classPath() {
        return Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
                .map(entry -> Path.of(entry).toAbsolutePath())
                .filter(Files::exists)
                .toList();
    }

    private static int fingerprint() {
        List<Object> parts = new ArrayList<>();
        parts.add(Runtime.version());
        for (Path entry : classPath()) {
            try (Stream<Path> files = Files.walk(entry)) {
                for (Path file : files.sorted().toList()) {
                    parts.add(file);
                    parts.add(Files.getLastModifiedTime(file));
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return parts.hashCode();
    }

    private static Path archive() {
        try {
            Files.createDirectories(ALL);
            try (FileChannel lock =
                            FileChannel.open(ALL.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                    var held = lock.lock()) {
                Path name = HOME.resolve("name");
                if (!Files.exists(name)) {
                    deleteFormer();
                    libraries();
                    Path archive = archivePath();
                    archive(archive);
                    Files.writeString(name, archive.toString());
                }
                return Path.of(Files.readString(name));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** Those of a former class path of this JVM. */
    private static void deleteFormer() throws IOException {
        try (DirectoryStream<Path> homes = Files.newDirectoryStream(ALL, JVM + "*")) {
            for (Path home : homes) {
                delete(home);
            }
        }
    }

    private static void delete(Path path) throws IOException {
        if (Files.isDirectory(path)) {
            try (Stream<Path> files = Files.list(path)) {
                for (Path file : (Iterable<Path>) files::iterator) {
                    delete(file);
                }
            }
        }
        Files.deleteIfExists(path);
    }

    /** A class-data archive requires jars. */
    private static void libraries() throws IOException {
        Files.createDirectories(DIRECTORY);
        List<String> names = new ArrayList<>();
        for (Path entry : classPath()) {
            String name = names.size() + ".jar";
            if (Files.isDirectory(entry)) {
                pack(entry, DIRECTORY.resolve(name));
            } else {
                Files.createSymbolicLink(DIRECTORY.resolve(name), entry);
            }
            names.add(name);
        }
        Manifest manifest = new Manifest();
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        manifest.getMainAttributes().put(Attributes.Name.CLASS_PATH, String.join(" ", names));
        new JarOutputStream(Files.newOutputStream(JAR), manifest).close();
    }

    private static void pack(Path classes, Path jar) throws IOException {
        try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar));
                Stream<Path> files = Files.walk(classes)) {
            for (Path file : (Iterable<Path>) files.filter(Files::isRegularFile)::iterator) {
                out.putNextEntry(new ZipEntry(classes.relativize(file).toString()));
                Files.copy(file, out);
            }
        }
    }

    private static Path archivePath() throws IOException {
        Path launcher = Files.createDirectory(HOME.resolve("bin")).resolve("kapacitor-udf");
        Files.copy(Installed.SCRIPT, launcher);
        ProcessBuilder builder = new ProcessBuilder(launcher.toString());
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        builder.environment().put("KAPACITOR_UDF_SHOW_ARCHIVE", "yes");
        Path path =
                Path.of(new String(builder.start().getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip());
        Files.createDirectory(path.getParent());
        return path;
    }

    private static void archive(Path archive) throws IOException, InterruptedException {
        Path classes = HOME.resolve("classes");
        rehearse(classes);
        // JDK 17 crashes when it archives the lambdas of interfaces of picocli, whose class files are too old.
        List<String> known = Files.readAllLines(classes).stream()
                .filter(line ->
                        !line.contains(" source: ") && !line.startsWith("@lambda-proxy org/kapacitorudf/server"))
                .toList();
        Files.write(classes, known);
        int status = java(List.of(
                        "-Xshare:dump", "-XX:SharedClassListFile=" + classes, "-XX:SharedArchiveFile=" + archive))
                .redirectOutput(LOG.toFile())
                .redirectErrorStream(true)
                .start()
                .waitFor();
        if (status != 0) {
            throw new IllegalStateException(Files.readString(LOG));
        }
    }

    /** Writes a list of the classes that are loaded by commands, and by a session with a server. */
    private static void rehearse(Path classes) throws IOException, InterruptedException {
        Path lines = Files.writeString(HOME.resolve("lines"), "m,host=a value=1 0\nm,host=a value=2 1\n");
        List<String> flags = new ArrayList<>(NoLeaks.flags());
        flags.add("-XX:DumpLoadedClassList=" + classes);
        Process rehearsal = java(flags, Rehearsal.class.getName(), lines.toString(), HOME.toString())
                .redirectInput(lines.toFile())
                .redirectError(LOG.toFile())
                .start();
        rehearsal.inputReader().readLine();
        try (Kapacitor kapacitor = Installed.kapacitor().connect(HOME.resolve("movingAvg.sock"))) {
            kapacitor.info();
            kapacitor.init("task", "node", Options.of("field", "value"), Options.of("size", 2));
            kapacitor.send(Points.of("m value=1 0", "m value=2 1"));
            kapacitor.awaitReceived(2);
            kapacitor.snapshot();
            kapacitor.closeInput();
            kapacitor.awaitEnd();
        }
        rehearsal.destroy();
        rehearsal.waitFor();
    }

    private static ProcessBuilder java(List<String> flags, String... arguments) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp", JAR.toString()));
        command.addAll(flags);
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command);
    }
}
