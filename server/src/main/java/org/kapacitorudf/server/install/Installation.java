package org.kapacitorudf.server.install;

import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.kapacitorudf.server.plugin.PlugInPath;
import org.kapacitorudf.server.terminal.ProcessText;

/** The directory and version of this program. */
public final class Installation {
    /** The property that the launcher sets to its own path. */
    public static final String LAUNCHER_PROPERTY = "kapacitor-udf.launcher";

    private static final Path SYSTEM_JAVA = Path.of("/usr/bin/java");

    private Installation() {}

    /**
     * The command for Kapacitor: the launcher's absolute path, or its bare name if the program was started without the
     * launcher.
     */
    public static String launcher() {
        return System.getProperty(LAUNCHER_PROPERTY, "kapacitor-udf");
    }

    /**
     * The environment variables with which Kapacitor should start this program, because Kapacitor's own environment
     * usually lacks them. They contain the absolute paths of the JVM, of additional jars, and of plug-ins.
     */
    public static Map<String, String> environment() {
        Map<String, String> given = ProcessText.environment();
        Map<String, String> environment = new LinkedHashMap<>();
        for (String name : List.of("JAVA_HOME", "KAPACITOR_UDF_CLASSPATH")) {
            String value = given.get(name);
            if (value != null && !value.isEmpty()) {
                environment.put(name, absolute(value));
            }
        }
        String plugIns =
                PlugInPath.directories().stream().map(Path::toString).collect(Collectors.joining(File.pathSeparator));
        if (!plugIns.isEmpty()) {
            environment.put(PlugInPath.VARIABLE, plugIns);
        }
        return environment;
    }

    private static String absolute(String paths) {
        return Arrays.stream(paths.split(File.pathSeparator))
                .map(path -> Path.of(path).toAbsolutePath().toString())
                .collect(Collectors.joining(File.pathSeparator));
    }

    /** The directory of this installation, with {@code lib/} and {@code repository/}. */
    public static Path home() {
        String jar = System.getProperty("java.class.path").split(File.pathSeparator)[0];
        try {
            // The path is resolved, because the launcher may have set a path below /proc/self/fd.
            return Path.of(jar).toRealPath().resolve("../..").normalize();
        } catch (IOException e) {
            throw new IllegalStateException("installation: " + jar, e);
        }
    }

    public static String version() {
        String version = Installation.class.getPackage().getImplementationVersion();
        return version == null ? "unpackaged" : version;
    }
}
