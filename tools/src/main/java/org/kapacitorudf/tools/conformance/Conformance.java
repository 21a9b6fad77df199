package org.kapacitorudf.tools.conformance;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/**
 * Runs cases on an agent, one after the other, each with a deadline, so no agent can block the run.
 *
 * <p>Threading: one thread; each case runs on its own thread.
 */
public final class Conformance {
    /** The time limit of a case, in addition to the timeouts of its steps. */
    private static final Duration CASE_LIMIT = Duration.ofSeconds(60);

    private static final int TIMEOUTS_PER_CASE = 6;
    private static final Duration ABANDON_LIMIT = Duration.ofSeconds(5);

    private final AgentUnderTest agent;
    private final CheckPlan learning;
    private final CheckPlan plan;
    private final Duration limit;

    public Conformance(AgentUnderTest agent, CheckPlan plan) {
        this(agent, plan, plan);
    }

    /** @param learning the parameters for learning about the function before the cases */
    Conformance(AgentUnderTest agent, CheckPlan learning, CheckPlan plan) {
        this.agent = agent;
        this.learning = learning;
        this.plan = plan;
        limit = CASE_LIMIT.plus(plan.stallLimit()).plus(plan.timeout().multipliedBy(TIMEOUTS_PER_CASE));
    }

    /**
     * Runs cases.
     *
     * @param progress receives each result
     */
    public ConformanceReport run(List<Case> cases, Consumer<CaseResult> progress) {
        FunctionProfile profile = learn();
        List<CaseResult> results = new ArrayList<>();
        String gone = null;
        for (Case each : cases) {
            CaseResult result = gone == null
                    ? run(each, profile)
                    : new CaseResult(each, Verdict.NOT_APPLICABLE, gone, Duration.ZERO);
            results.add(result);
            progress.accept(result);
            if (result.verdict() == Verdict.FAILED
                    && gone == null
                    && profile.reached() != Case.Needs.NOTHING
                    && !agent.isThere()) {
                gone = "nothing listens any more, since " + each.name();
            }
        }
        return new ConformanceReport(agent.toString(), results);
    }

    private FunctionProfile learn() {
        FunctionProfile[] learned = new FunctionProfile[1];
        try (Probe probe = new Probe(agent, learning, FunctionProfile.unknown(""))) {
            withinLimit(probe, () -> {
                agent.prepare();
                learned[0] = FunctionProfile.learn(probe);
            });
        } catch (CaseFailure e) {
            return FunctionProfile.unknown(e.getMessage());
        }
        return learned[0];
    }

    private CaseResult run(Case each, FunctionProfile profile) {
        long start = System.nanoTime();
        Verdict verdict = Verdict.PASSED;
        String detail = profile.obstacle(each.needs());
        if (detail != null) {
            verdict = Verdict.NOT_APPLICABLE;
        } else {
            try (Probe probe = new Probe(agent, plan, profile)) {
                withinLimit(probe, () -> {
                    agent.prepare();
                    each.body().run(probe);
                });
                detail = probe.note();
            } catch (CaseFailure e) {
                verdict = Verdict.FAILED;
                detail = e.getMessage();
            } catch (NotApplicable e) {
                verdict = Verdict.NOT_APPLICABLE;
                detail = e.getMessage();
            }
            Optional<String> end = agent.endDuringCase();
            if (end.isPresent()) {
                detail = verdict == Verdict.FAILED ? detail + "; " + end.get() : end.get();
                verdict = Verdict.FAILED;
            }
        }
        return new CaseResult(each, verdict, detail, Duration.ofNanos(System.nanoTime() - start));
    }

    private interface Work {
        void run() throws Exception;
    }

    /**
     * Runs a case with a time limit. At the limit all sessions of the case are closed; if that does not end the case,
     * its thread is abandoned.
     */
    private void withinLimit(Probe probe, Work work) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        Thread thread = new Thread(
                () -> {
                    try {
                        work.run();
                        done.complete(null);
                    } catch (Throwable e) {
                        done.completeExceptionally(e);
                    }
                },
                "check-case");
        thread.setDaemon(true);
        thread.start();
        try {
            done.get(limit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            probe.abort();
            thread.interrupt();
            join(thread);
            throw new CaseFailure("not finished within " + AgentConversation.seconds(limit));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while running a case", e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof CaseFailure failure) {
                throw failure;
            }
            if (e.getCause() instanceof NotApplicable reason) {
                throw reason;
            }
            if (e.getCause() instanceof IOException problem) {
                throw new CaseFailure(problem);
            }
            throw new IllegalStateException("the case itself has failed", e.getCause());
        }
    }

    private static void join(Thread thread) {
        try {
            thread.join(ABANDON_LIMIT.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
