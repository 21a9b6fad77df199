package org.kapacitorudf.server.plugin;

import java.io.File;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.kapacitorudf.server.options.LogOptions;
import org.kapacitorudf.server.terminal.CommandException;
import org.kapacitorudf.server.terminal.ExitStatus;
import org.kapacitorudf.server.terminal.ProcessText;

/**
 * The directories with plug-ins: those on the command line if there are any, otherwise those in the environment. As
 * with {@link LogOptions}, the option takes effect when it is read.
 */
public final class PlugInPath {
    public static final String OPTION = "--plugins";
    public static final String VARIABLE = "KAPACITOR_UDF_PLUGINS";

    private static volatile List<String> typed = List.of();

    private PlugInPath() {}

    /** Replaces the directories that the option has set. */
    public static void use(List<String> directories) {
        typed = List.copyOf(directories);
    }

    /** Adds a directory to those already given with the option. */
    public static void add(String directory) {
        List<String> more = new ArrayList<>(typed);
        more.add(directory);
        use(more);
    }

    public static List<Path> directories() {
        Stream<String> directories = typed.stream();
        if (typed.isEmpty()) {
            directories = Arrays.stream(
                    ProcessText.environment().getOrDefault(VARIABLE, "").split(File.pathSeparator));
        }
        return directories
                .filter(directory -> !directory.isEmpty())
                .map(directory -> Path.of(directory).toAbsolutePath().normalize())
                .toList();
    }

    /** The plug-ins in the directories, in the order of the directories. */
    static List<PlugIn> plugIns() {
        List<PlugIn> plugIns = new ArrayList<>();
        for (Path directory : directories()) {
            try {
                plugIns.addAll(PlugIn.in(directory));
            } catch (UnusableDirectoryException e) {
                throw new CommandException(ExitStatus.USAGE, "plugins: " + e.getMessage());
            }
        }
        return plugIns;
    }
}
