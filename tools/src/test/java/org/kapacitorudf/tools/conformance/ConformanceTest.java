package org.kapacitorudf.tools.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.kapacitorudf.client.RawKapacitor;
import org.kapacitorudf.proto.EdgeType;

/** How cases are run, whatever they contain. */
@Tag("slow")
@Timeout(600)
class ConformanceTest {
    /** A cold server on a slow machine may need more than the usual timeout for its first answer. */
    private static final CheckPlan WITHOUT_OPTIONS = CheckPlan.standard().withTimeout(Duration.ofMinutes(5));

    private static final CheckPlan PLAN = WITHOUT_OPTIONS.withOptions(List.of("label=a"));

    @TempDir
    private Path directory;

    @Test
    void aProgramThatIsNoAgentFailsAndTheRestIsNotTried() throws Exception {
        try (AgentUnderTest agent = AgentUnderTest.command(List.of("sh", "-c", "echo no such file >&2; exit 3"))) {
            ConformanceReport report = new Conformance(agent, PLAN).run(Catalogue.cases(), result -> {});
            assertThat(report.results().get(0).verdict()).isEqualTo(Verdict.FAILED);
            assertThat(report.results().get(0).detail()).contains("exit status 3; STDERR: no such file");
            assertThat(report.results())
                    .filteredOn(result -> result.tried().needs() != Case.Needs.NOTHING)
                    .extracting(CaseResult::verdict)
                    .containsOnly(Verdict.NOT_APPLICABLE);
        }
    }

    @Test
    void withoutTheOptionsThatAreNeededItSaysWhichThereAre() throws Exception {
        ConformanceReport report =
                onRightAgent(WITHOUT_OPTIONS, List.of(Catalogue.named("init"), Catalogue.named("split-body")));
        assertThat(report.results().get(0).detail())
                .contains("label: missing", "its options are factor(DOUBLE), label(STRING)", "--option name=value");
        assertThat(report.results().get(1).verdict()).isEqualTo(Verdict.NOT_APPLICABLE);
    }

    @Test
    void anOptionThatItDoesNotHaveIsTheCallersMistake() throws Exception {
        ConformanceReport report =
                onRightAgent(WITHOUT_OPTIONS.withOptions(List.of("lable=a")), List.of(Catalogue.named("init")));
        assertThat(report.results().get(0).detail()).startsWith("option lable: it has no such option");
    }

    @Test
    void afterTheEndOfAServerNoMoreCasesAreTried() throws Exception {
        try (AgentServer server = new AgentServer(() -> new RightAgent(EdgeType.STREAM)).start(directory.resolve("s"));
                AgentUnderTest agent = AgentUnderTest.socket(server.path())) {
            Case ends = Case.must("ends", Case.Needs.NOTHING, "", "", probe -> {
                server.close();
                throw new CaseFailure("gone");
            });
            ConformanceReport report =
                    new Conformance(agent, PLAN).run(List.of(ends, Catalogue.named("info-repeated")), result -> {});
            assertThat(report.results())
                    .extracting(CaseResult::verdict)
                    .containsExactly(Verdict.FAILED, Verdict.NOT_APPLICABLE);
            assertThat(report.results().get(1).detail()).isEqualTo("nothing listens any more, since ends");
        }
    }

    @Test
    void aServerThatWasStartedIsDialledUntilItListens() throws Exception {
        try (AgentUnderTest agent = AgentUnderTest.command(ServingAgent.command())) {
            agent.prepare();
            try (RawKapacitor kapacitor = agent.open(Duration.ZERO)) {
                assertThat(kapacitor.ended()).isFalse();
            }
        }
    }

    @Test
    void aServerThatEndsBeforeItListensIsNotWaitedFor() throws Exception {
        try (AgentUnderTest agent = AgentUnderTest.command(List.of("sh", "-c", "exit 3", AgentUnderTest.SOCKET))) {
            ConformanceReport report = new Conformance(agent, PLAN).run(List.of(Catalogue.named("info")), result -> {});
            assertThat(report.results().get(0).detail())
                    .contains("expected: one that an agent listens on", "exit status 3");
        }
    }

    @Test
    void aServerThatEndsIsStartedAgainForTheNextCase() throws Exception {
        List<String> command = new ArrayList<>(ServingAgent.command());
        try (AgentUnderTest agent = AgentUnderTest.command(command)) {
            Case ends = Case.must("ends", Case.Needs.NOTHING, "", "", probe -> {
                AgentConversation conversation = probe.open();
                conversation.send(AgentConversation.keepalive(ServingAgent.END));
                while (agent.endDuringCase().isEmpty()) {
                    Thread.onSpinWait();
                }
            });
            ConformanceReport report =
                    new Conformance(agent, PLAN).run(List.of(ends, Catalogue.named("info-repeated")), result -> {});
            assertThat(report.results())
                    .extracting(CaseResult::verdict)
                    .containsExactly(Verdict.FAILED, Verdict.PASSED);
            assertThat(report.results().get(0).detail())
                    .isEqualTo("the server ended with exit status 7; STDERR: enough");
        }
    }

    @Test
    void whatACaseOpenedIsClosedAfterIt() throws Exception {
        AtomicBoolean ended = new AtomicBoolean();
        AgentConversation[] left = new AgentConversation[1];
        onRightAgent(PLAN, List.of(Case.must("leaves", Case.Needs.NOTHING, "", "", probe -> left[0] = probe.open())));
        ended.set(left[0].exchange().await(left[0].exchange()::ended, PLAN.timeout()));
        assertThat(ended).isTrue();
    }

    private ConformanceReport onRightAgent(CheckPlan plan, List<Case> cases) throws Exception {
        try (AgentServer server = new AgentServer(() -> new RightAgent(EdgeType.STREAM)).start(directory.resolve("s"));
                AgentUnderTest agent = AgentUnderTest.socket(server.path())) {
            return new Conformance(agent, plan).run(cases, result -> {});
        }
    }
}
