package org.kapacitorudf.server;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.kapacitorudf.client.Kapacitor;

@Tag("slow")
final class ProcessConversationsTest implements RecordedConversations {
    @TempDir
    private Path directory;

    @Override
    public Kapacitor open(String function, Kapacitor.Builder kapacitor) throws IOException {
        // Not on the class path of the tests, where it would be a function in all of them.
        return Installed.in(directory).with(OptionsMirror.class).spawn(kapacitor, "run", function);
    }
}
