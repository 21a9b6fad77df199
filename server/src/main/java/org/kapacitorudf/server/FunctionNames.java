package org.kapacitorudf.server;

import java.util.Iterator;

/** The names of all functions, for {@link CompletionCommand}. */
final class FunctionNames implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
        return Functions.installed().names().iterator();
    }
}
