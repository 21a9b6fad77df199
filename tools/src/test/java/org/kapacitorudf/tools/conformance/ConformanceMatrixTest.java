package org.kapacitorudf.tools.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import org.kapacitorudf.proto.EdgeType;

/**
 * Each case fails on the agents with its defect, and passes on all others. Most of the time is spent waiting, so all
 * are run at the same time, each on its own server; all cases on all defects only with {@code -Dudf.full=true}.
 */
@Tag("slow")
@Tag("one-jdk")
class ConformanceMatrixTest {
    private static final boolean FULL = Boolean.getBoolean("udf.full");

    /**
     * A few concurrent cases mostly wait; thousands keep a machine busy, and are run with less concurrency and more
     * time.
     */
    private static final int THREADS = FULL ? 16 : 64;

    private static final CheckPlan PATIENT = CheckPlan.standard()
            .withOptions(List.of("label=a"))
            .withTimeout(Duration.ofSeconds(FULL ? 30 : 10))
            .withStallLimit(Duration.ofSeconds(60));

    /**
     * For agents that behave correctly, however slow the machine is. A {@link RightAgent} counts how often it looked in
     * vain, which takes minutes if it seldom runs.
     */
    private static final CheckPlan STARVED =
            PATIENT.withTimeout(Duration.ofMinutes(5)).withStallLimit(Duration.ofMinutes(30));

    /** The cases whose defective agents fail even before the case begins. Each failure waits for the whole timeout. */
    private static final Set<String> FAILED_BEFORE = Set.of("info", "snapshot");

    /** For the correct behaviour of these agents. */
    private static final CheckPlan LEARNING = PATIENT.withTimeout(Duration.ofSeconds(30));

    /** For a case that should fail, where waiting is useless. */
    private static final CheckPlan HASTY =
            PATIENT.withTimeout(Duration.ofSeconds(6)).withStallLimit(Duration.ofSeconds(6));

    private static final List<String> NAMES =
            Catalogue.cases().stream().map(Case::name).toList();

    private static final ExecutorService POOL = Executors.newFixedThreadPool(THREADS);
    private static final AtomicInteger SOCKETS = new AtomicInteger();

    @TempDir
    private static Path directory;

    private record Tried(Defect defect, List<Future<CaseResult>> results) {}

    private static final List<Tried> DEFECTIVE = new ArrayList<>();
    private static final List<Future<CaseResult>> RIGHT = new ArrayList<>();

    @BeforeAll
    static void tryAll() {
        for (EdgeType edge : List.of(EdgeType.STREAM, EdgeType.BATCH)) {
            for (Case each : Catalogue.cases()) {
                if (FULL || edge == EdgeType.STREAM || each.needs() == Case.Needs.BATCHES) {
                    RIGHT.add(POOL.submit(
                            () -> tryOn(new AgentServer(() -> new RightAgent(edge)), each, STARVED, STARVED)));
                }
            }
        }
        for (Case each : FULL ? Catalogue.cases() : List.of(Catalogue.named("process-exits"))) {
            RIGHT.add(POOL.submit(() -> tryOn(ProcessAgent.command("nothing"), each, STARVED, STARVED)));
        }
        Defects.all().forEach(defect -> DEFECTIVE.add(new Tried(defect, tryOn(defect))));
    }

    private static List<Future<CaseResult>> tryOn(Defect defect) {
        List<Future<CaseResult>> results = new ArrayList<>();
        for (Case each : Catalogue.cases()) {
            boolean isOwn = defect.fails().contains(each.name());
            CheckPlan plan = isOwn && defect.server() != null ? HASTY : PATIENT;
            if (FULL || isOwn) {
                results.add(POOL.submit(() -> tryOn(defect, each, plan)));
            }
        }
        return results;
    }

    private static CaseResult tryOn(Defect defect, Case each, CheckPlan plan) throws Exception {
        CheckPlan learning = defect.fails().stream().anyMatch(FAILED_BEFORE::contains) ? LEARNING : STARVED;
        return defect.server() == null
                ? tryOn(defect.command(), each, learning, plan)
                : tryOn(defect.server().get(), each, learning, plan);
    }

    private static CaseResult tryOn(AgentServer server, Case each, CheckPlan learning, CheckPlan plan)
            throws Exception {
        Path socket = directory.resolve(SOCKETS.incrementAndGet() + ".sock");
        try (server;
                AgentUnderTest agent =
                        AgentUnderTest.socket(server.start(socket).path())) {
            return tryOn(agent, each, learning, plan);
        }
    }

    private static CaseResult tryOn(List<String> command, Case each, CheckPlan learning, CheckPlan plan)
            throws Exception {
        try (AgentUnderTest agent = AgentUnderTest.command(command)) {
            return tryOn(agent, each, learning, plan);
        }
    }

    private static CaseResult tryOn(AgentUnderTest agent, Case each, CheckPlan learning, CheckPlan plan) {
        return new Conformance(agent, learning, plan)
                .run(List.of(each), result -> {})
                .results()
                .get(0);
    }

    @AfterAll
    static void end() {
        POOL.shutdownNow();
    }

    @TestFactory
    Stream<DynamicTest> anAgentFailsTheCasesOfItsDefectAndNoOthers() {
        return DEFECTIVE.stream()
                .map(tried -> dynamicTest(tried.defect().name(), () -> {
                    Set<String> failed = new LinkedHashSet<>();
                    StringBuilder details = new StringBuilder();
                    for (Future<CaseResult> future : tried.results()) {
                        CaseResult result = future.get();
                        if (result.verdict() == Verdict.FAILED) {
                            failed.add(result.tried().name());
                        }
                        details.append(ConformanceReport.line(result));
                    }
                    assertThat(failed)
                            .as("%s", details)
                            .containsAll(tried.defect().fails());
                    failed.removeAll(tried.defect().fails());
                    failed.removeAll(tried.defect().mayFail());
                    assertThat(failed).as("%s", details).isEmpty();
                }));
    }

    @Test
    void rightAgentsPassAllCases() throws Exception {
        Set<String> passed = new TreeSet<>();
        StringBuilder failures = new StringBuilder();
        for (Future<CaseResult> future : RIGHT) {
            CaseResult result = future.get();
            if (result.verdict() == Verdict.PASSED) {
                passed.add(result.tried().name());
            } else if (result.verdict() == Verdict.FAILED) {
                failures.append(ConformanceReport.line(result));
            }
        }
        assertThat(failures).isEmpty();
        // Both together run all cases.
        assertThat(passed).containsExactlyInAnyOrderElementsOf(NAMES);
    }

    @Test
    void eachCaseHasAnAgentThatFailsIt() {
        assertThat(Defects.all().stream()
                        .flatMap(defect -> defect.fails().stream())
                        .collect(Collectors.toSet()))
                .containsExactlyInAnyOrderElementsOf(NAMES);
    }

    @Test
    void aCatalogueHasNoNameTwice() {
        assertThat(Catalogue.cases())
                .extracting(Case::name)
                .doesNotHaveDuplicates()
                .hasSizeGreaterThan(40);
    }
}
