package org.kapacitorudf.server.command;

/** Suggests a fix for a plug-in that is ignored. The fix is selected by a part of the reason. */
final class PlugInErrors {
    private PlugInErrors() {}

    /** @param file the name of the jar or directory */
    static String cure(String file, String reason) {
        if (reason.contains("expected: one function of the name")) {
            return "remove the older jar with the function, or rename one of the functions";
        }
        if (reason.contains("ermission denied") || reason.contains("AccessDenied")) {
            return "chmod o+r " + file;
        }
        if (reason.startsWith("cannot be read as a jar")) {
            return "copy or build " + file + " again: it is truncated or not a jar";
        }
        if (reason.contains("writable by")) {
            return "run the command in the message; docs/security.md gives the reason";
        }
        return "replace " + file + "; docs/plugins.md lists the requirements";
    }
}
