package org.kapacitorudf.tools.load;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.stream.Stream;

/**
 * Compares agents: all are started, then they take turns, run by run, so that a disturbance affects all of them.
 *
 * <pre>{@code
 * try (Bench bench = new Bench(LoadPlan.of(Measure.THROUGHPUT), List.of(Subject.socket("mirror", path)), line -> {})) {
 *     System.out.print(bench.run().table());
 * }
 * }</pre>
 *
 * <p>Threading: one thread runs it; {@link #close} is safe for use by any thread at any time, and stops every process
 * that was started.
 *
 * <p>Errors: {@link LoadException} if a subject fails; in that case there is no report.
 */
public final class Bench implements AutoCloseable {
    private static final Duration ANSWER_LIMIT = Duration.ofSeconds(10);

    private final LoadPlan plan;
    private final List<Subject> subjects;
    private final Progress progress;
    private final Duration answerLimit;
    private final Path directory;
    private final ConcurrentLinkedDeque<RunningAgent> agents = new ConcurrentLinkedDeque<>();

    public Bench(LoadPlan plan, List<Subject> subjects, Progress progress) {
        this(plan, subjects, progress, ANSWER_LIMIT);
    }

    /** @param answerLimit how long an agent may take for an answer, and how long it may send nothing under load */
    Bench(LoadPlan plan, List<Subject> subjects, Progress progress, Duration answerLimit) {
        if (subjects.isEmpty()) {
            throw new IllegalArgumentException("subjects: none (expected: one or more)");
        }
        Set<String> names = new HashSet<>();
        for (Subject subject : subjects) {
            if (!names.add(subject.name())) {
                throw new IllegalArgumentException("subjects: two of the name " + subject.name()
                        + " (expected: different names, as in a=... and b=...)");
            }
        }
        this.plan = plan;
        this.subjects = List.copyOf(subjects);
        this.progress = progress;
        this.answerLimit = answerLimit;
        try {
            directory = Files.createTempDirectory("udf-bench");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Runs the measurement; may be called only once. */
    public LoadReport run() {
        List<Subject> all = new ArrayList<>(subjects);
        boolean echo = plan.withEcho() && (plan.measure() == Measure.THROUGHPUT || plan.measure() == Measure.LATENCY);
        if (echo) {
            all.add(Subject.echo(subjects.get(0).isProcess()));
        }
        List<LoadResult> results = new ArrayList<>(
                switch (plan.measure()) {
                    case THROUGHPUT -> new Throughput(this).run(all);
                    case LATENCY -> new Latency(this).run(all);
                    case START -> new StartUp(this).run(all);
                    case IDLE -> new IdleMemory(this).run(all);
                });
        return new LoadReport(plan, plan.traffic().pointBytes(), results, echo);
    }

    LoadPlan plan() {
        return plan;
    }

    /** Starts a subject. If the subject is still running when this object is closed, it is stopped. */
    RunningAgent start(Subject subject) {
        progress.at(subject.name() + ": starting");
        RunningAgent agent = RunningAgent.start(subject, plan, answerLimit, directory, agents.size());
        agents.add(agent);
        return agent;
    }

    void says(Subject subject, String what) {
        progress.at(subject.name() + ": " + what);
    }

    /** Fails if the plan has an option that no subject has. */
    void requireOptionsKnown() {
        Set<String> known = new HashSet<>();
        agents.forEach(agent -> known.addAll(agent.optionsKnown()));
        for (String option : plan.options()) {
            String name = option.substring(0, option.indexOf('='));
            if (!known.contains(name)) {
                throw new LoadException("option: " + name + " (expected: one that a function has)");
            }
        }
    }

    static Map<Metric, Double> figures(Metric metric, double value) {
        Map<Metric, Double> figures = new EnumMap<>(Metric.class);
        figures.put(metric, value);
        return figures;
    }

    @Override
    public void close() {
        agents.forEach(RunningAgent::beginEnd);
        agents.forEach(RunningAgent::close);
        try (Stream<Path> files = Files.walk(directory)) {
            files.sorted(Comparator.reverseOrder())
                    .forEach(file -> file.toFile().delete());
        } catch (IOException e) {
            // The files are already deleted, or stay in the temporary directory.
        }
    }
}
