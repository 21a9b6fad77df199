package org.kapacitorudf.server.command;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.kapacitorudf.server.terminal.CommandException;
import org.kapacitorudf.server.terminal.ExitStatus;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.dataformat.toml.TomlMapper;

/**
 * A TOML file with the positions of its keys.
 *
 * <p>Jackson returns the tree without positions. To find the line of a key, the first line is parsed, then the first
 * two lines, and so on, until the result contains the key. The position is determined only for messages.
 *
 * <p>Threading: immutable.
 */
final class TomlFile {
    private static final TomlMapper TOML = new TomlMapper();

    private final Path path;
    private final List<String> lines;
    private final JsonNode tree;

    private TomlFile(Path path, List<String> lines, JsonNode tree) {
        this.path = path;
        this.lines = lines;
        this.tree = tree;
    }

    /**
     * Reads a file.
     *
     * @throws CommandException if the file cannot be read, or is not TOML; for invalid TOML, the message has the line
     *     and the column
     */
    static TomlFile read(Path path) {
        String text;
        try {
            text = Files.readString(path);
        } catch (CharacterCodingException e) {
            throw new CommandException(ExitStatus.USAGE, path + ": not UTF-8 (expected: TOML)");
        } catch (IOException e) {
            throw new CommandException(ExitStatus.USAGE, path + " (expected: a file that can be read): " + e);
        }
        try {
            return new TomlFile(path, text.lines().toList(), TOML.readTree(text));
        } catch (JacksonException e) {
            int line = e.getLocation().getLineNr();
            int column = e.getLocation().getColumnNr();
            // The reported position is after the end of the invalid line.
            boolean isPast = column <= 1 && line > 1;
            String where = isPast ? (line - 1) + ":1" : line + ":" + column;
            throw new CommandException(
                    ExitStatus.USAGE, path + ":" + where + ": " + e.getOriginalMessage() + " (expected: TOML)");
        }
    }

    JsonNode tree() {
        return tree;
    }

    /**
     * Returns the position of a key as {@code FILE:LINE:COLUMN}; only the file if the key is not found.
     *
     * @param key the names of the tables that contain the key, and the name of the key
     */
    String positionOf(List<String> key) {
        int complete = 0; // the number of lines in the longest valid prefix without the key
        for (int count = 1; count <= lines.size(); count++) {
            try {
                JsonNode prefix = TOML.readTree(String.join("\n", lines.subList(0, count)) + "\n");
                if (has(prefix, key)) {
                    return path + ":" + (complete + 1) + ":" + column(lines.get(complete), key.get(key.size() - 1));
                }
                complete = count;
            } catch (JacksonException e) {
                // These lines end within a value.
            }
        }
        return path.toString();
    }

    private static boolean has(JsonNode tree, List<String> key) {
        JsonNode node = tree;
        for (String name : key) {
            node = node.get(name);
            if (node == null) {
                return false;
            }
        }
        return true;
    }

    private static int column(String line, String name) {
        Matcher matcher = Pattern.compile("(?<![\\w-])" + Pattern.quote(name) + "(?![\\w-])")
                .matcher(line);
        return matcher.find() ? matcher.start() + 1 : 1;
    }

    /** Describes a value in a message: a table or an array by its kind, other values by their text. */
    static String kind(JsonNode node) {
        return switch (node.getNodeType()) {
            case OBJECT -> "a table";
            case ARRAY -> "an array";
            case BOOLEAN -> node.asString();
            case NUMBER -> node.asString();
            default -> "\"" + node.asString() + "\"";
        };
    }

    /** The entries of a table. */
    static Iterable<Map.Entry<String, JsonNode>> entries(JsonNode table) {
        return table.properties();
    }
}
