package org.kapacitorudf.contract;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.kapacitorudf.agent.Ending;
import org.kapacitorudf.client.Kapacitor;
import org.kapacitorudf.proto.InitRequest;
import org.kapacitorudf.proto.Request;
import org.kapacitorudf.proto.Response;
import org.kapacitorudf.proto.Response.MessageCase;

/**
 * Every kind of ending ends the process within its limits, because Kapacitor waits for it without a limit and under a
 * lock.
 */
@Tag("slow")
@Timeout(600)
@Execution(ExecutionMode.CONCURRENT)
final class ProcessEndTest {
    /** Beyond any starvation. The obstacles in these tests last forever. */
    private static final Duration LIMIT = Duration.ofMinutes(5);

    /** For what a process does within a short limit before it ends, for which a busy machine may take too long. */
    private static final int TRIES = 5;

    private static Kapacitor spawn(HarshUdf udf, Kapacitor.Builder kapacitor, String... flags) throws IOException {
        return kapacitor.spawn(TestJvm.command(udf, flags));
    }

    private static Kapacitor spawn(HarshUdf udf, String... flags) throws IOException {
        return spawn(udf, Kapacitor.builder().timeout(LIMIT).deadline(LIMIT), flags);
    }

    private static Kapacitor running(HarshUdf udf, String... flags) throws IOException {
        Kapacitor kapacitor = spawn(udf, flags);
        assertThat(kapacitor.init("task", "node2").getError()).isEmpty();
        return kapacitor;
    }

    private static void terminate(Kapacitor kapacitor) {
        kapacitor.process().orElseThrow().destroy();
    }

    @Test
    void aFunctionThatCannotBeDescribedEndsTheProcessAtOnce() throws IOException {
        boolean saysWhy = false;
        for (int run = 0; run < TRIES && !saysWhy; run++) {
            try (Kapacitor kapacitor = spawn(HarshUdf.nameless)) {
                assertThat(kapacitor.awaitEnd(LIMIT).exitStatus()).hasValue(1);
                saysWhy = kapacitor.stderr().stream().anyMatch(line -> line.contains("no description"));
            }
        }
        assertThat(saysWhy).as("STDERR says why").isTrue();
    }

    @Test
    void aShutdownHookThatHangsDoesNotHoldUpTheEnd() throws IOException {
        try (Kapacitor kapacitor = running(HarshUdf.hooked)) {
            kapacitor.closeInput();
            assertThat(kapacitor.awaitEnd(LIMIT).exitStatus()).hasValue(0);
        }
    }

    @Test
    void aHandlerThatExitsTheJvmEndsItsTaskWithAnErrorBeforeThat() throws IOException {
        try (Kapacitor kapacitor = running(HarshUdf.quitter)) {
            AgentContract.sendFatal(kapacitor, AgentContract.point("m,host=a v=1 1"));
            assertThat(kapacitor.awaitTaskError())
                    .contains("quitter (task task, node node2): point: System.exit (expected: an exception)");
            kapacitor.awaitEnd(LIMIT);
        }
    }

    @Test
    void standardInputIsTheProtocolsAlone() throws IOException {
        try (Kapacitor kapacitor = running(HarshUdf.reader)) {
            kapacitor.send(AgentContract.point("m,host=a v=1 1"));
            kapacitor.awaitReceived(1);
            assertThat(kapacitor.points().get(0).getFieldsIntOrThrow("first")).isEqualTo(-1);
            kapacitor.closeInput();
            assertThat(kapacitor.awaitEnd(LIMIT).exitStatus()).hasValue(0);
        }
    }

    @Test
    void anUnreadStandardErrorDoesNotDelayTheEnd() throws IOException {
        try (Kapacitor kapacitor = running(HarshUdf.loud, "-Dudf.log=INFO")) {
            kapacitor.send(AgentContract.point("m,host=a v=1 1"));
            kapacitor.awaitReceived(1);
            kapacitor.closeInput();
            kapacitor.awaitEnd(LIMIT);
        }
    }

    @Test
    void aSignalBeforeInitEndsTheProcess() throws IOException {
        try (Kapacitor kapacitor = spawn(HarshUdf.hooked)) {
            kapacitor.info();
            terminate(kapacitor);
            kapacitor.awaitEnd(LIMIT);
            assertThat(kapacitor.death()).isEmpty();
        }
    }

    @Test
    void aSignalWhileTheHandlerIsMadeEndsTheProcessAndInitIsAnswered() throws Exception {
        boolean isAnswered = false;
        for (int run = 0; run < TRIES && !isAnswered; run++) {
            try (Kapacitor kapacitor = spawn(HarshUdf.slowStart)) {
                kapacitor.info();
                Thread init = new Thread(() -> AgentContract.fatally(() -> kapacitor.init("task", "node2")));
                init.start();
                kapacitor.awaitResponses(MessageCase.KEEPALIVE, 1, LIMIT);
                terminate(kapacitor);
                init.join();
                kapacitor.awaitEnd(LIMIT);
                List<Response> answers =
                        kapacitor.responses().stream().filter(Response::hasInit).toList();
                assertThat(answers)
                        .allSatisfy(answer ->
                                assertThat(answer.getInit().getError()).contains("create did not end within"));
                isAnswered = !answers.isEmpty();
            }
        }
        assertThat(isAnswered).as("Init is answered").isTrue();
    }

    @Test
    void outputThatIsLostAtTheEndIsNotAnOrderlyEnd() throws Exception {
        Process process = new ProcessBuilder(TestJvm.command(TestUdf.late))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        OutputStream toAgent = process.getOutputStream();
        InputStream fromAgent = process.getInputStream();
        Request.newBuilder()
                .setInit(InitRequest.newBuilder().setTaskID("task"))
                .build()
                .writeDelimitedTo(toAgent);
        toAgent.flush();
        Response answer;
        do {
            answer = Response.parseDelimitedFrom(fromAgent);
        } while (answer.hasKeepalive());
        assertThat(answer.getInit().getSuccess()).isTrue();
        fromAgent.close();
        toAgent.close();
        assertThat(process.waitFor(LIMIT.toMinutes(), TimeUnit.MINUTES)).isTrue();
        assertThat(process.exitValue()).isEqualTo(Ending.PEER_GONE.exitStatus());
    }

    // ---- memory

    @Test
    void aSnapshotThatCannotBeSentIsAnsweredAllTheSameAndTheTaskLivesOn() throws IOException {
        try (Kapacitor kapacitor = running(HarshUdf.heavy, "-XX:MaxDirectMemorySize=16m")) {
            kapacitor.send(AgentContract.point("m,host=a v=1 1"));
            kapacitor.awaitReceived(1);
            assertThat(kapacitor.snapshot()).isEqualTo(ByteString.EMPTY);
            kapacitor.send(AgentContract.point("m,host=a v=1 2"));
            kapacitor.awaitReceived(2);
            kapacitor.closeInput();
            assertThat(kapacitor.awaitEnd(LIMIT).exitStatus()).hasValue(0);
        }
    }

    @Test
    void requestsOfOneKindThatPileUpAreAnErrorAndAreAnsweredEachOnce() throws IOException {
        byte[] snapshots = new byte[3 * 40];
        for (int i = 0; i < snapshots.length; i += 3) {
            snapshots[i] = 2;
            snapshots[i + 1] = 0x22;
        }
        try (Kapacitor kapacitor = spawn(HarshUdf.slowStart)) {
            Thread init = new Thread(() -> kapacitor.init("task", "node2"));
            init.start();
            kapacitor.awaitResponses(MessageCase.KEEPALIVE, 1, LIMIT);
            AgentContract.fatally(() -> kapacitor.sendRaw(snapshots));
            assertThat(kapacitor.awaitTaskError()).contains("requests that wait for an answer");
            kapacitor.awaitEnd(LIMIT);
            assertThat(kapacitor.received(MessageCase.SNAPSHOT)).isEqualTo(40);
        }
    }
}
