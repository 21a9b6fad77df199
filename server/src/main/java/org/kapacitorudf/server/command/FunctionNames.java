package org.kapacitorudf.server.command;

import java.util.Iterator;
import org.kapacitorudf.server.plugin.Functions;

/** The names of all functions, for {@link CompletionCommand}. */
final class FunctionNames implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
        return Functions.installed().names().iterator();
    }
}
