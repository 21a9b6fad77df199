package org.kapacitorudf.server.command;

import java.util.LinkedHashMap;
import java.util.Map;
import org.kapacitorudf.server.terminal.ExitStatus;
import picocli.CommandLine.Model.CommandSpec;

/** Formats {@link ExitStatus} for help text. */
final class ExitStatuses {
    private ExitStatuses() {}

    static void addTo(CommandSpec command) {
        Map<String, String> meanings = new LinkedHashMap<>();
        for (ExitStatus status : ExitStatus.values()) {
            meanings.put(" " + status.code(), status.meaning() + ".");
        }
        command.usageMessage().exitCodeList(meanings);
    }
}
