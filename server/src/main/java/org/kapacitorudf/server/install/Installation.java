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

/** Where this program is installed, and which version it is. */
public final class Installation {
    /** Set by the launcher to its own path. */
    public static final String LAUNCHER_PROPERTY = "kapacitor-udf.launcher";

    private static final Path SYSTEM_JAVA = Path.of("/usr/bin/java");

    private Installation() {}

    /** What Kapacitor starts: the launcher's absolute path, or its bare name when the program was started without it. */
    public static String launcher() {
        return System.getProperty(LAUNCHER_PROPERTY, "kapacitor-udf");
    }

    /** What the environment and the command line say of where functions and JVM are, with absolute paths: Kapacitor's own environment will hardly have it. */
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

    /** The directory with lib/ and repository/, made by {@code scripts/build} or unpacked. */
    public static Path home() {
        String jar = System.getProperty("java.class.path").split(File.pathSeparator)[0];
        try {
            // Not the name that the launcher has given it, if that is one of a descriptor.
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
