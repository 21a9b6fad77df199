package org.kapacitorudf.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.kapacitorudf.client.Kapacitor;
import org.kapacitorudf.embed.UdfServer;

/** Runs several at the same time: each has its own server, and most of them wait for some limit. */
@Execution(ExecutionMode.CONCURRENT)
final class SocketAgentTest implements AgentContract {
    @TempDir
    private Path directory;

    private UdfServer server;
    private UdfServer otherServer;

    @BeforeEach
    void start() throws IOException {
        server = started(TestUdf.Limits.LONG);
    }

    private UdfServer started(TestUdf.Limits limits) throws IOException {
        UdfServer.Builder builder = UdfServer.builder().config(limits.config());
        for (TestUdf udf : TestUdf.values()) {
            builder.function(udf, socket(limits, udf));
        }
        return builder.build().start();
    }

    @AfterEach
    void close() {
        server.close();
        if (otherServer != null) {
            otherServer.close();
        }
        for (TestUdf.Limits limits : TestUdf.Limits.values()) {
            for (TestUdf udf : TestUdf.values()) {
                assertThat(socket(limits, udf)).doesNotExist();
            }
        }
    }

    private Path socket(TestUdf.Limits limits, TestUdf udf) {
        return directory.resolve(udf.name() + "-" + limits);
    }

    @Override
    public Kapacitor open(TestUdf.Limits limits, TestUdf udf, Kapacitor.Builder kapacitor) throws IOException {
        if (limits != TestUdf.Limits.LONG && otherServer == null) {
            otherServer = started(limits);
        }
        return kapacitor.connect(socket(limits, udf));
    }

    @Test
    void manyConnectionsWorkSideBySide() throws IOException {
        List<Kapacitor> kapacitors = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            kapacitors.add(running(TestUdf.echo));
        }
        assertThat(server.connections()).hasSize(100);
        kapacitors.forEach(kapacitor -> kapacitor.send(AgentContract.sequence(100)));
        for (Kapacitor kapacitor : kapacitors) {
            kapacitor.awaitReceived(100);
            kapacitor.closeInput();
            kapacitor.awaitEnd();
            assertThat(kapacitor.problems()).isEmpty();
            kapacitor.close();
        }
    }

    @Test
    void aFailingConnectionDoesNotAffectOthers() throws IOException {
        try (Kapacitor good = running(TestUdf.thrower);
                Kapacitor bad = running(TestUdf.thrower)) {
            AgentContract.sendFatal(bad, AgentContract.point("m,host=a fail=\"boom\" 1"));
            assertThat(bad.awaitTaskError()).contains("boom");
            good.send(AgentContract.sequence(100));
            good.awaitReceived(100);
            assertThat(good.problems()).isEmpty();
        }
    }

    @Test
    void closingTheServerHandlesWhatWasReadAndLetsHandlersStop() throws IOException {
        try (Kapacitor late = running(TestUdf.late);
                Kapacitor echo = running(TestUdf.echo)) {
            echo.send(AgentContract.sequence(1_000));
            echo.awaitReceived(1_000);
            server.close();
            late.awaitEnd();
            echo.awaitEnd();
            assertThat(late.receivedPoints()).isEqualTo(TestUdf.LATE_POINTS);
            assertThat(late.death()).isEmpty();
            assertThat(server.connections()).isEmpty();
        }
    }

    @Test
    void connectionsBeyondTheLimitAreClosedAndTheOthersLiveOn() throws IOException {
        Path path = directory.resolve("limited");
        try (UdfServer limited = UdfServer.builder()
                        .config(TestUdf.CONFIG.toBuilder().maxConnections(1).build())
                        .function(TestUdf.echo, path)
                        .build()
                        .start();
                Kapacitor first = AgentContract.kapacitor().connect(path)) {
            first.init("task", "node2");
            try (Kapacitor second = AgentContract.kapacitor().connect(path)) {
                second.awaitEnd();
            }
            first.send(AgentContract.sequence(10));
            first.awaitReceived(10);
            assertThat(limited.connections()).hasSize(1);
        }
    }

    @Test
    void aStuckCallIsCountedUntilItComesBack() throws IOException {
        try (Kapacitor kapacitor = running(TestUdf.stuck)) {
            AgentContract.sendFatal(kapacitor, AgentContract.point("m,host=a stuck=false 1"));
            kapacitor.awaitTaskError();
            kapacitor.awaitEnd();
            // The output may end before the watchdog has taken the stack of the call.
            Eventually.equal("abandoned calls", server::abandonedCalls, 1);
        }
    }
}
