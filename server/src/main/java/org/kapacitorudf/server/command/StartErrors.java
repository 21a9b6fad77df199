package org.kapacitorudf.server.command;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Suggests a fix for a program that does not answer as Kapacitor expects. The fix is selected by a part of the
 * program's output.
 */
final class StartErrors {
    private static final Map<String, String> CURES = new LinkedHashMap<>();

    /** In the message about a function that is not found, matches the first jar that is ignored, and the reason. */
    private static final Pattern IGNORED = Pattern.compile("(?<!is )ignored: ([^:]+): (.*?); (?:ignored|function): ");

    private static final Pattern SUGGESTION = Pattern.compile("Possible solutions?: ([^;,]+)");

    static {
        CURES.put("function: ", "correct the name in args, or set KAPACITOR_UDF_PLUGINS in the function's env");
        CURES.put("Unknown option", "correct args: each option and each value is a separate string");
        CURES.put("java: not found", "set JAVA_HOME in the function's env: Kapacitor's service has a different PATH");
        CURES.put("JAVA_HOME: ", "correct JAVA_HOME in the function's env");
        CURES.put("not built", "run scripts/build");
        CURES.put("is ignored: ", "replace the jar; docs/plugins.md lists the requirements");
        CURES.put("writable by", "run the command in the message; docs/security.md has the reason");
        CURES.put("plugins: ", "correct KAPACITOR_UDF_PLUGINS or --plugins");
        CURES.put(
                "Error occurred during initialization of VM",
                "correct KAPACITOR_UDF_JAVA_OPTS, JAVA_TOOL_OPTIONS, JDK_JAVA_OPTIONS or _JAVA_OPTIONS");
        CURES.put("Too small maximum heap", "raise -Xmx in KAPACITOR_UDF_JAVA_OPTS");
        CURES.put("No such file or directory", "correct prog, or install the interpreter in its first line");
        CURES.put("ermission denied", "chmod o+x, for prog and the directories above it");
        CURES.put("Exec format error", "correct prog: it is not a program");
        CURES.put("keepalive timedout", "timeout = \"10s\"; kapacitor-udf-archive; print nothing else to STDOUT");
        CURES.put("no answer within", "timeout = \"10s\"; kapacitor-udf-archive; print nothing else to STDOUT");
    }

    private StartErrors() {}

    static String cure(String printed) {
        Matcher ignored = IGNORED.matcher(printed);
        if (ignored.find()) {
            return PlugInErrors.cure(ignored.group(1), ignored.group(2));
        }
        Matcher suggestion = SUGGESTION.matcher(printed);
        if (suggestion.find()) {
            return "did you mean " + suggestion.group(1) + "?";
        }
        return CURES.entrySet().stream()
                .filter(entry -> printed.contains(entry.getKey()))
                .map(Map.Entry::getValue)
                .findFirst()
                .orElse("print only the protocol to STDOUT, and do not end before STDIN ends");
    }
}
