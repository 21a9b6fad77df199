package org.kapacitorudf.server.terminal;

import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.kapacitorudf.server.install.Installation;

/**
 * The arguments and the environment of this process, decoded as UTF-8. The JVM decodes them according to the locale,
 * and loses all non-ASCII characters if the locale is not UTF-8:
 *
 * <pre>
 *   --option field=°C    ->    --option field=??C       without a locale
 * </pre>
 *
 * <p>The launcher chooses a locale with UTF-8. If the system has none, the original bytes are read from {@code /proc}.
 *
 * <p>Threading: safe for use by any thread.
 */
public final class ProcessText {
    private static final Path COMMAND_LINE = Path.of("/proc/self/cmdline");
    private static final char REPLACEMENT = '\uFFFD';

    private static final Path ENVIRONMENT = Path.of("/proc/self/environ");

    private ProcessText() {}

    /** Whether the JVM decodes system strings, including paths, as UTF-8. */
    public static boolean isUtf8() {
        return Charset.forName(System.getProperty("sun.jnu.encoding", "UTF-8")).equals(StandardCharsets.UTF_8);
    }

    /**
     * Returns the program's arguments. If the JVM does not decode UTF-8, also decodes the launcher's path, and sets the
     * property that contains it.
     *
     * @throws CommandException if an argument is not valid UTF-8
     */
    public static String[] arguments(String[] decoded) {
        String[] arguments = isUtf8() ? decoded : arguments(decoded, strings(COMMAND_LINE));
        for (String argument : arguments) {
            if (argument.indexOf(REPLACEMENT) >= 0) {
                throw new CommandException(
                        ExitStatus.USAGE,
                        "argument: " + argument + " (expected: valid UTF-8"
                                + (isUtf8() ? "" : ", and a locale with UTF-8, such as C.UTF-8") + ")");
            }
        }
        return arguments;
    }

    /**
     * Returns the arguments at the end of {@code commandLine}; {@code decoded} if the command line is unknown. Also
     * sets the property with the launcher's path.
     *
     * @param commandLine the command line of the JVM, which ends with the program's arguments; empty if it is unknown
     */
    static String[] arguments(String[] decoded, List<String> commandLine) {
        int first = commandLine.size() - decoded.length;
        if (first < 0) {
            return decoded;
        }
        String launcher = "-D" + Installation.LAUNCHER_PROPERTY + "=";
        commandLine.subList(0, first).stream()
                .filter(argument -> argument.startsWith(launcher))
                .forEach(argument ->
                        System.setProperty(Installation.LAUNCHER_PROPERTY, argument.substring(launcher.length())));
        return commandLine.subList(first, commandLine.size()).toArray(String[]::new);
    }

    /** The environment, decoded as UTF-8. */
    public static Map<String, String> environment() {
        if (isUtf8()) {
            return System.getenv();
        }
        Map<String, String> environment = new LinkedHashMap<>(System.getenv());
        for (String variable : strings(ENVIRONMENT)) {
            int equals = variable.indexOf('=');
            if (equals > 0) {
                environment.put(variable.substring(0, equals), variable.substring(equals + 1));
            }
        }
        return environment;
    }

    /** Returns the strings in a file of zero-terminated strings; empty if the file cannot be read. */
    private static List<String> strings(Path file) {
        try {
            String text = new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
            return text.isEmpty()
                    ? List.of()
                    : Arrays.asList(text.substring(0, text.length() - 1).split("\0", -1));
        } catch (IOException e) {
            return List.of();
        }
    }
}
