package org.kapacitorudf.contract;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Every fault that needs no separate process, over pipes. */
@Tag("slow")
@Timeout(600)
@ExtendWith(LogToNowhere.class)
@Tag("one-jdk")
final class PipeFaultTest implements WireFaultContract {
    @TempDir
    private static Path directory;

    private static FaultHost host;
    private static FaultHost hastyHost;

    @BeforeAll
    static void start() throws IOException {
        host = new FaultHost.PipePairs(directory, TestUdf.CONFIG, FaultHost.FUNCTIONS);
        hastyHost = new FaultHost.PipePairs(
                Files.createDirectory(directory.resolve("hasty")),
                TestUdf.Limits.SHORT_DRAIN.config(),
                FaultHost.FUNCTIONS);
    }

    @AfterAll
    static void close() {
        host.close();
        hastyHost.close();
    }

    @Override
    public FaultHost host() {
        return host;
    }

    @Override
    public FaultHost hastyHost() {
        return hastyHost;
    }

    @Override
    public int step() {
        return AgentContract.FULL ? 1 : 7;
    }
}
