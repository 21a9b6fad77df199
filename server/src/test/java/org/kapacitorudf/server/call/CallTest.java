package org.kapacitorudf.server.call;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.kapacitorudf.Context;
import org.kapacitorudf.Description;
import org.kapacitorudf.Handler;
import org.kapacitorudf.Handlers;
import org.kapacitorudf.Output;
import org.kapacitorudf.Point;
import org.kapacitorudf.Udf;
import org.kapacitorudf.agent.AgentConfig;
import org.kapacitorudf.client.LineProtocol;
import org.kapacitorudf.internal.line.LineReader;
import org.kapacitorudf.internal.snapshot.SnapshotView;
import org.kapacitorudf.option.Option;
import org.kapacitorudf.state.State;

@Timeout(600)
class CallTest {
    private static final Option<Long> ADD = Option.integer("add").orElse(0L).atLeast(0);

    private interface Creating {
        Handler create(Context context);
    }

    private record Function(Description description, Creating creating) implements Udf {
        @Override
        public Description describe() {
            return description;
        }

        @Override
        public Handler create(Context context) {
            return creating.create(context);
        }
    }

    private static Udf stream(Creating creating) {
        return new Function(Description.stream("f", "").options(ADD), creating);
    }

    /** Adds a number to n; fails at 13. */
    private static Udf adding() {
        return stream(context -> new Handler() {
            @Override
            public void point(Point point, Output output) {
                if (point.intField("n") == 13) {
                    throw new IllegalStateException("unlucky");
                }
                output.point(point.withField("n", point.intField("n") + context.option(ADD)));
            }

            @Override
            public void stop(Output output) {
                output.point(Point.of("stopped", 0).withField("n", 0));
            }
        });
    }

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final List<String> notes = new ArrayList<>();

    private static Call.Settings settings(Udf udf, String... options) {
        return new Call.Settings(
                udf, List.of(options), AgentConfig.defaults(), List.of(), null, 0, 1_000, false, List.of(), false);
    }

    private Call call(Call.Settings settings) {
        return new Call(
                settings,
                new PrintStream(out, false, StandardCharsets.UTF_8),
                notes::add,
                points -> {},
                BadLines.FATAL);
    }

    private List<String> run(Call.Settings settings, String... lines) {
        call(settings).run(reader(settings, lines));
        return lines();
    }

    private List<String> lines() {
        return out.toString(StandardCharsets.UTF_8).lines().toList();
    }

    private static PointSource reader(Call.Settings settings, String... lines) {
        return new LineSource(
                LineReader.of(new ByteArrayInputStream(String.join("\n", lines).getBytes(StandardCharsets.UTF_8)))
                        .groupBy(settings.grouping()));
    }

    @Test
    void whatIsAnsweredIsWrittenInOrderAndSoIsWhatComesAtTheEnd() {
        assertThat(run(settings(adding(), "add=2"), "m n=1i 1", "m n=2i 2", "m n=3i 1"))
                .containsExactly("m n=3i 1", "m n=4i 2", "m n=5i 1", "stopped n=0i 0");
        assertThat(notes).isEmpty();
    }

    @Test
    void aDimensionThatNoPointHasIsTold() {
        Call.Settings settings = new Call.Settings(
                adding(),
                List.of(),
                AgentConfig.defaults(),
                List.of("host", "hots"),
                null,
                0,
                1_000,
                false,
                List.of(),
                false);
        run(settings, "m n=1i 1", "m,host=a n=2i 2");
        assertThat(notes).containsExactly("group-by: hots: no point has this tag");
        notes.clear();
        run(settings, "m n=1i,host=\"a\" 1", "m,hots=a n=2i 2");
        assertThat(notes)
                .containsExactly("group-by: host: no point has this tag; there is a field of this name"
                        + " (of CSV: --tag-columns host)");
    }

    @Test
    void whatWasAnsweredBeforeAFailureIsWritten() {
        assertThatThrownBy(() -> run(settings(adding()), "m n=1i 1", "m n=13i 2", "m n=3i 3"))
                .isInstanceOfSatisfying(
                        CallException.class, e -> assertThat(e.kind()).isEqualTo(CallException.Kind.FAILED))
                .hasMessageContaining("unlucky");
        assertThat(lines()).startsWith("m n=1i 1").doesNotContain("m n=3i 3");
    }

    @Test
    void whatWasAnsweredBeforeABadLineIsWritten() {
        assertThatThrownBy(() -> run(settings(adding()), "m n=1i 1", "m n=2i x"))
                .isInstanceOfSatisfying(
                        CallException.class, e -> assertThat(e.kind()).isEqualTo(CallException.Kind.INPUT))
                .hasMessage("line 2, column 8: \"x\" (expected: a time, which is an integer)");
        assertThat(lines()).containsExactly("m n=1i 1");
    }

    @Test
    void optionsAreRefusedInTheFunctionsWords() {
        assertThatThrownBy(() -> run(settings(adding(), "add=-1", "sub=1")))
                .isInstanceOfSatisfying(
                        CallException.class, e -> assertThat(e.kind()).isEqualTo(CallException.Kind.REFUSED))
                .hasMessage("f: add: -1 (expected: >= 0); sub: unknown (expected: one of add)");
    }

    @Test
    void whatIsSkippedIsTold() {
        assertThat(run(settings(adding()), "m v=1 1", "m n=1i 2", "m v=1 3")).startsWith("m n=1i 2");
        assertThat(notes)
                .containsExactly(
                        "f: skipped: line 1: point: field \"n\": missing (expected: an int)",
                        "f: 2 skipped; points in 3, out 2");
    }

    @Test
    void theLineOfASkippedPointCountsCommentsAndLinesWithoutAPoint() {
        run(settings(adding()), "m n=1i 1", "# a comment", "", "m v=1 2", "m n=3i 3");
        assertThat(notes).first().isEqualTo("f: skipped: line 4: point: field \"n\": missing (expected: an int)");
    }

    @Test
    void ofASkippedBatchTheLinesOfItsPointsAreTold() {
        Udf failing = new Function(
                Description.batch("f", ""),
                context -> Handlers.batches(
                        context, (batch, output) -> batch.points().forEach(point -> point.doubleField("v"))));
        Call.Settings settings = new Call.Settings(
                failing, List.of(), AgentConfig.defaults(), List.of("host"), null, 2, 1_000, false, List.of(), false);
        run(settings, "m,host=a v=1 1", "m,host=b v=2 2", "m,host=a w=3 3", "m,host=b v=4 4");
        assertThat(notes)
                .first()
                .isEqualTo("f: skipped: lines 1 to 3: endBatch: field \"v\": missing (expected: a number)");
    }

    @Test
    void theFunctionsOwnCountsAreToldAtTheEnd() {
        Udf counting =
                stream(context -> (point, output) -> context.counter("seen").add(point.intField("n")));
        run(settings(counting), "m n=1000i 1", "m n=500i 2");
        assertThat(notes).containsExactly("f: counted: seen 1,500");
    }

    @Test
    void batchesAreWrittenAsLineProtocolWithCommentsBetween() {
        Udf mirror = new Function(
                Description.batch("f", ""),
                context -> Handlers.batches(context, (batch, output) -> output.batch(batch)));
        Call.Settings settings = new Call.Settings(
                mirror,
                List.of(),
                AgentConfig.defaults(),
                List.of("host"),
                Duration.ofNanos(10),
                0,
                1_000,
                false,
                List.of(),
                false);
        List<String> lines = run(settings, "m,host=a v=1 1", "m,host=b v=2 2", "m,host=a v=3 11", "m,host=a v=4 5");
        assertThat(lines)
                .containsExactly(
                        "# batch m,host=a until 10",
                        "m,host=a v=1.0 1",
                        "# batch m,host=a until 20",
                        "m,host=a v=3.0 11",
                        "# batch m,host=b until 10",
                        "m,host=b v=2.0 2");
        assertThat(LineProtocol.parseAll(String.join("\n", lines))).hasSize(3);
        assertThat(notes).containsExactly("f: 1 points arrived after the end of their window and were dropped");
    }

    @Test
    void pointsAreGroupedByTagsOrByAll() {
        Udf groups = stream(context -> (point, output) -> output.point(point.withField("g", point.group())));
        Call.Settings byHost = new Call.Settings(
                groups,
                List.of(),
                AgentConfig.defaults(),
                List.of("rack", "host"),
                null,
                0,
                1_000,
                false,
                List.of(),
                false);
        assertThat(run(byHost, "m,host=a,x=1 v=1 1")).containsExactly("m,host=a,x=1 g=\"host=a,rack=\",v=1.0 1");
        out.reset();
        Call.Settings byAll = new Call.Settings(
                groups, List.of(), AgentConfig.defaults(), List.of("*"), null, 0, 1_000, false, List.of(), false);
        assertThat(run(byAll, "m,host=a,x=1 v=1 1")).containsExactly("m,host=a,x=1 g=\"host=a,x=1\",v=1.0 1");
    }

    @Test
    void theStateIsThatAfterTheLastPointAndBeforeStop() {
        Udf counting = stream(context -> {
            State<Count> count = context.state("count", Count.class, Count::new);
            return new Handler() {
                @Override
                public void point(Point point, Output output) {
                    count.get().points++;
                }

                @Override
                public void stop(Output output) {
                    count.get().points = 0;
                }
            };
        });
        Call call = call(new Call.Settings(
                counting, List.of(), AgentConfig.defaults(), List.of(), null, 0, 1_000, false, List.of(), true));
        call.run(reader(settings(counting), "m v=1 1", "m v=1 2"));
        ByteArrayOutputStream json = new ByteArrayOutputStream();
        SnapshotView.of(call.state(), 10_000).writeJson(json, 1);
        assertThat(json.toString(StandardCharsets.UTF_8)).contains("\"points\" : 2");
    }

    @Test
    void aStateThatIsTooLargeIsNotSaved() {
        Udf large = stream(context -> {
            State<String> text = context.state("text", String.class, () -> "");
            return (point, output) -> text.set("x".repeat(2_000));
        });
        Call call = call(new Call.Settings(
                large,
                List.of(),
                AgentConfig.builder().maxSnapshotBytes(2_000).build(),
                List.of(),
                null,
                0,
                1_000,
                false,
                List.of(),
                true));
        assertThatThrownBy(() -> call.run(reader(settings(large), "m v=1 1")))
                .isInstanceOfSatisfying(
                        CallException.class, e -> assertThat(e.kind()).isEqualTo(CallException.Kind.FAILED))
                .hasMessageContaining("(expected: <= 2000)");
        assertThat(call.state()).isEmpty();
    }

    static final class Count {
        private long points;
    }

    /** Emits the time at each tick of a timer. */
    private static Udf ticking(Duration every) {
        return stream(context -> {
            context.every(
                    every,
                    (time, output) ->
                            output.point(Point.of("tick", nanos(context.now())).withField("n", 0)));
            return (point, output) ->
                    output.point(Point.of("at", nanos(context.now())).withField("n", point.timeNanos()));
        });
    }

    private static long nanos(Instant instant) {
        return instant.getEpochSecond() * 1_000_000_000 + instant.getNano();
    }

    @Test
    void theClockAndItsTimersFollowTheData() {
        long start = 1_600_000_000_000_000_000L;
        long second = 1_000_000_000L;
        assertThat(run(
                        settings(ticking(Duration.ofSeconds(10))),
                        "m v=1 " + start,
                        "m v=1 " + (start + 25 * second),
                        "m v=1 " + (start + 24 * second),
                        "m v=1 " + (start + 30 * second)))
                .containsExactly(
                        "at n=" + start + "i " + start,
                        "tick n=0i " + (start + 10 * second),
                        "tick n=0i " + (start + 20 * second),
                        "at n=" + (start + 25 * second) + "i " + (start + 25 * second),
                        "at n=" + (start + 24 * second) + "i " + (start + 25 * second),
                        "tick n=0i " + (start + 30 * second),
                        "at n=" + (start + 30 * second) + "i " + (start + 30 * second));
    }

    @Test
    void overALongGapTheClockIsSetAndInTheFutureItStands() {
        List<String> lines = run(
                settings(ticking(Duration.ofHours(10))),
                "m v=1 0",
                "m v=1 1600000000000000000",
                "m v=1 " + Long.MAX_VALUE);
        assertThat(lines)
                .startsWith("at n=0i 0", "tick n=0i 36000000000000", "tick n=0i 72000000000000")
                .contains("at n=1600000000000000000i 1600000000000000000");
        Instant last = Instant.ofEpochSecond(
                0, Long.parseLong(lines.get(lines.size() - 1).split(" ")[2]));
        assertThat(last).isBeforeOrEqualTo(Instant.now());
        assertThat(lines).hasSizeLessThan(10);
    }

    @Test
    void liveAnswersComeAsLinesCome() throws Exception {
        LinkedBlockingQueue<String> answers = new LinkedBlockingQueue<>();
        PrintStream queue = new PrintStream(new OutputStream() {
            @Override
            public void write(int b) {
                throw new UnsupportedOperationException();
            }

            @Override
            public void write(byte[] bytes, int offset, int length) {
                new String(bytes, offset, length, StandardCharsets.UTF_8)
                        .lines()
                        .forEach(answers::add);
            }
        });
        Call.Settings live = new Call.Settings(
                ticking(Duration.ofMillis(150)),
                List.of(),
                AgentConfig.defaults(),
                List.of(),
                null,
                0,
                1_000,
                true,
                List.of(),
                false);
        Call call = new Call(live, queue, notes::add, points -> {}, BadLines.FATAL);
        try (PipedOutputStream lines = new PipedOutputStream()) {
            PipedInputStream in = new PipedInputStream(lines);
            CompletableFuture<Void> run = CompletableFuture.runAsync(() -> call.run(new LineSource(LineReader.of(in))));
            lines.write("m v=1 7\n".getBytes(StandardCharsets.UTF_8));
            lines.flush();
            while (!answers.take().startsWith("at n=7i ")) {}
            // There is no data, but the clock still advances.
            while (!answers.take().startsWith("tick ")) {}
            call.stop();
            run.get();
        }
    }

    @Test
    void anOutputWithoutAReaderEndsTheCall() {
        PrintStream gone = new PrintStream(new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                throw new IOException("Broken pipe");
            }
        });
        Call call = new Call(settings(adding()), gone, notes::add, points -> {}, BadLines.FATAL);
        assertThatThrownBy(() -> call.run(reader(settings(adding()), "m n=1i 1")))
                .isInstanceOfSatisfying(
                        CallException.class, e -> assertThat(e.kind()).isEqualTo(CallException.Kind.OUTPUT_GONE));
    }
}
