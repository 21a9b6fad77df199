package org.kapacitorudf.server.install;

import java.nio.file.Path;
import java.util.Map;

/** The part of {@code kapacitor.conf} that declares a function to Kapacitor. */
public final class KapacitorConf {
    private static final String TIMEOUT = "10s";

    private KapacitorConf() {}

    /** Returns the section for a function that Kapacitor starts as a child process, once for each use. */
    public static String process(String name, String launcher, Map<String, String> environment) {
        StringBuilder block = new StringBuilder();
        block.append("[udf.functions.").append(name).append("]\n");
        block.append("    prog = ").append(quoted(launcher)).append('\n');
        block.append("    args = [\"run\", ").append(quoted(name)).append("]\n");
        block.append("    timeout = \"").append(TIMEOUT).append("\"\n");
        if (!environment.isEmpty()) {
            block.append("    [udf.functions.").append(name).append(".env]\n");
            environment.forEach((variable, value) -> block.append("        ")
                    .append(variable)
                    .append(" = ")
                    .append(quoted(value))
                    .append('\n'));
        }
        return block.toString();
    }

    /** Returns the section for a function that is served on a socket. */
    public static String socket(String name, Path socket) {
        return "[udf.functions." + name + "]\n    socket = " + quoted(socket.toString()) + "\n    timeout = \""
                + TIMEOUT + "\"\n";
    }

    /** Returns the text as a basic string of TOML. */
    static String quoted(String text) {
        StringBuilder quoted = new StringBuilder("\"");
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                quoted.append('\\').append(c);
            } else if (c < ' ' || c == 0x7f) {
                quoted.append(String.format("\\u%04X", (int) c));
            } else {
                quoted.append(c);
            }
        }
        return quoted.append('"').toString();
    }
}
