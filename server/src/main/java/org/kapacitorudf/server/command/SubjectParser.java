package org.kapacitorudf.server.command;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.kapacitorudf.server.install.Installation;
import org.kapacitorudf.server.plugin.Functions;
import org.kapacitorudf.server.plugin.PlugInPath;
import org.kapacitorudf.server.terminal.CommandException;
import org.kapacitorudf.tools.load.Subject;

/**
 * Parses the argument that selects an agent to measure.
 *
 * <pre>
 *   mirror    run:mirror    go=socket:/tmp/go.sock    cmd:./agent -x    listen:./agent -socket {socket}
 * </pre>
 */
final class SubjectParser {
    private static final Pattern NAMED =
            Pattern.compile("(?:([\\w.-]+(?: [\\w.-]+)*)=)?(?:(serve|run|socket|cmd|listen):)?(.*)");
    private static final Pattern WORD = Pattern.compile("\"([^\"]*)\"|'([^']*)'|([^\\s\"']+)");

    private SubjectParser() {}

    /**
     * Parses a subject.
     *
     * @throws IllegalArgumentException if the text is not a subject
     * @throws CommandException if the text names a function that is not installed
     */
    static Subject parse(String text) {
        Matcher matcher = NAMED.matcher(text);
        if (!matcher.matches() || matcher.group(3).isBlank()) {
            throw new IllegalArgumentException(
                    "subject: " + text + " (expected: a function, or [NAME=]socket:PATH, cmd:COMMAND, listen:COMMAND)");
        }
        String kind = matcher.group(2) == null ? "serve" : matcher.group(2);
        String what = matcher.group(3);
        String name = matcher.group(1) == null ? nameOf(text, kind, what) : matcher.group(1);
        return switch (kind) {
            case "socket" -> Subject.socket(name, Path.of(what));
            case "cmd" -> Subject.process(name, words(what));
            case "listen" -> Subject.server(name, words(what));
            case "run" -> Subject.process(name, own(what, "run", what));
            default -> Subject.server(name, own(what, "serve", "--socket", what + "=" + Subject.SOCKET));
        };
    }

    /**
     * Returns the name of the subject in results: the name of its socket or program if it has one, otherwise the whole
     * text.
     */
    private static String nameOf(String text, String kind, String what) {
        return switch (kind) {
            case "socket" -> Path.of(what).getFileName().toString();
            case "cmd", "listen" -> Path.of(words(what).get(0)).getFileName().toString();
            default -> text;
        };
    }

    private static List<String> own(String function, String... arguments) {
        Functions.installed().require(function);
        List<String> command = new ArrayList<>(List.of(Installation.launcher()));
        command.addAll(List.of(arguments));
        PlugInPath.directories().forEach(directory -> command.addAll(List.of(PlugInPath.OPTION, directory.toString())));
        return command;
    }

    /** Splits a command into words; quotes protect spaces. */
    static List<String> words(String command) {
        List<String> words = new ArrayList<>();
        Matcher matcher = WORD.matcher(command);
        while (matcher.find()) {
            for (int group = 1; group <= matcher.groupCount(); group++) {
                if (matcher.group(group) != null) {
                    words.add(matcher.group(group));
                }
            }
        }
        return words;
    }
}
