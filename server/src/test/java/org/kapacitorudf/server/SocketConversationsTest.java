package org.kapacitorudf.server;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.kapacitorudf.Udf;
import org.kapacitorudf.agent.AgentConfig;
import org.kapacitorudf.client.Kapacitor;
import org.kapacitorudf.embed.UdfServer;
import org.kapacitorudf.server.plugin.Functions;

@Tag("slow")
final class SocketConversationsTest implements RecordedConversations {
    @TempDir
    private Path directory;

    private UdfServer server;

    @BeforeEach
    void start() throws IOException {
        UdfServer.Builder builder = UdfServer.builder()
                .config(AgentConfig.defaults().toBuilder().drainDeadline(LIMIT).build())
                .grace(LIMIT)
                .function(new OptionsMirror(), socket(OptionsMirror.NAME));
        for (Udf udf : Functions.installed().all()) {
            builder.function(udf, socket(udf.describe().name()));
        }
        server = builder.build().start();
    }

    @AfterEach
    void close() {
        server.close();
    }

    private Path socket(String function) {
        return directory.resolve(function + ".sock");
    }

    @Override
    public Kapacitor open(String function, Kapacitor.Builder kapacitor) throws IOException {
        return kapacitor.connect(socket(function));
    }
}
