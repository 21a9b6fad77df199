package org.kapacitorudf.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.kapacitorudf.client.Kapacitor;

/** Runs several at the same time: each is a separate process, and most of them wait for some limit. */
@Tag("jvm")
@ExtendWith(ProcessCases.class)
@Execution(ExecutionMode.CONCURRENT)
final class ProcessAgentTest implements AgentContract {
    @Override
    public int tries() {
        return 3;
    }

    @Override
    public Kapacitor open(TestUdf.Limits limits, TestUdf udf, Kapacitor.Builder kapacitor) throws IOException {
        return kapacitor.spawn(TestJvm.command(TestUdf.class, List.of(udf.name(), limits.name())));
    }

    private static void endsWith(int status, Kapacitor kapacitor) {
        assertThat(kapacitor.awaitEnd().exitStatus()).hasValue(status);
        assertThat(kapacitor.death()).isEmpty();
    }

    @Test
    void theExitStatusTellsHowItEnded() throws IOException {
        try (Kapacitor clean = running(TestUdf.echo)) {
            clean.closeInput();
            endsWith(0, clean);
        }
        try (Kapacitor failed = running(TestUdf.thrower)) {
            AgentContract.sendFatal(failed, AgentContract.point("m,host=a fail=\"boom\" 1"));
            endsWith(10, failed);
        }
        try (Kapacitor refused = open(TestUdf.Limits.SHORT_DRAIN, TestUdf.choosy, AgentContract.kapacitor())) {
            refused.init("task", "node2");
            endsWith(14, refused);
        }
        try (Kapacitor outOfOrder = open(TestUdf.echo)) {
            AgentContract.sendFatal(outOfOrder, AgentContract.point("m,host=a v=1 1"));
            endsWith(15, outOfOrder);
        }
        try (Kapacitor overdue = running(TestUdf.stuck)) {
            AgentContract.sendFatal(overdue, AgentContract.point("m,host=a stuck=true 1"));
            endsWith(16, overdue);
        }
    }

    @Test
    void neitherThreadsNorChildrenOfAHandlerDelayTheEnd() throws IOException {
        try (Kapacitor kapacitor = running(TestUdf.untidy)) {
            kapacitor.send(AgentContract.point("m,host=a v=1 1"));
            kapacitor.awaitReceived(1);
            kapacitor.closeInput();
            assertThat(kapacitor.awaitEnd().exitStatus()).hasValue(0);
            assertThat(kapacitor.problems()).isEmpty();
        }
    }

    @Test
    void whatAHandlerPrintsLandsOnStandardError() throws IOException {
        try (Kapacitor kapacitor = running(TestUdf.printer)) {
            kapacitor.send(AgentContract.point("m,host=a v=1 1"));
            kapacitor.awaitStderr(line -> line.contains("printed by a handler"));
        }
    }

    @Test
    void aStalledReaderCostsABoundedAmountOfMemory() throws Exception {
        long points = FULL ? 10_000_000 : 500_000;
        try (Kapacitor kapacitor = AgentContract.kapacitor()
                .keepalives(false)
                .countUndecoded()
                .writeChunks(64 * 1024)
                .deadline(Duration.ofMinutes(5))
                .spawn(TestJvm.command(TestUdf.echo, "-Xmx64m", "-Dio.netty.leakDetection.level=simple"))) {
            kapacitor.init("task", "node2");
            kapacitor.pauseReading();
            Thread sender = new Thread(() -> kapacitor.send(AgentContract.sequence(points)));
            sender.start();
            sender.join(2_000);
            assertThat(sender.isAlive()).as("the sender is held back").isTrue();
            kapacitor.resumeReading();
            kapacitor.awaitReceived(points, Duration.ofMinutes(5));
            sender.join();
            assertThat(kapacitor.problems()).isEmpty();
        }
    }
}
