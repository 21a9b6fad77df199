package org.kapacitorudf.server.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.kapacitorudf.Context;
import org.kapacitorudf.Description;
import org.kapacitorudf.Fields;
import org.kapacitorudf.Handler;
import org.kapacitorudf.Handlers;
import org.kapacitorudf.Udf;
import org.kapacitorudf.embed.UdfServer;
import org.kapacitorudf.option.Option;

@Tag("one-jdk")
class DemoTest {
    @TempDir
    private Path dir;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    @Test
    void everythingIsAsItHasToBe() throws IOException {
        assertThat(demo(installed("movingAvg"), installed("outliers"))).isEmpty();
        assertThat(out())
                .contains("4320 points in, 4320 means out", "72 batches in, 72 batches out")
                .contains("12 spikes planted, 12 of them found, 0 false alarms", "^ v off the chart")
                .doesNotContain("points/s");
    }

    @Test
    void itFitsIntoAnyTerminal() throws IOException {
        demo(installed("movingAvg"), installed("outliers"));
        assertThat(out().lines()).allSatisfy(line -> assertThat(line).matches("[ -~]{0,80}"));
    }

    @Test
    void aFunctionThatIsWrongIsFoundOut() throws IOException {
        assertThat(demo(new NoMean(), new NoOutliers()))
                .anyMatch(problem -> problem.matches("movingAvg: a mean that is [0-9.]+ off"))
                .contains("outliers: 12 spikes missed");
        assertThat(out()).contains("MISSED").doesNotContain("found\n");
    }

    @Test
    void aServerThatIsNotThereIsFoundOut() {
        Path nowhere = dir.resolve("nothing.sock");
        assertThat(Demo.run(nowhere, nowhere, new PrintStream(out)))
                .containsExactly("socket: " + nowhere + ": no such file (expected: a socket of kapacitor-udf serve)");
    }

    private List<String> demo(Udf movingAvg, Udf outliers) throws IOException {
        Path first = dir.resolve("first.sock");
        Path second = dir.resolve("second.sock");
        try (UdfServer server = UdfServer.builder()
                .function(movingAvg, first)
                .function(outliers, second)
                .build()) {
            server.start();
            return Demo.run(first, second, new PrintStream(out, true, StandardCharsets.UTF_8));
        }
    }

    private String out() {
        return out.toString(StandardCharsets.UTF_8);
    }

    private static Udf installed(String name) {
        return ServiceLoader.load(Udf.class).stream()
                .map(ServiceLoader.Provider::get)
                .filter(udf -> udf.describe().name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    /** Returns each value as its mean. */
    private static final class NoMean implements Udf {
        @Override
        public Description describe() {
            return Description.stream("movingAvg", "")
                    .options(Option.string("field"), Option.integer("size"), Option.string("as"));
        }

        @Override
        public Handler create(Context context) {
            return (point, output) -> output.point(point.withFields(Fields.of("mean", point.doubleField(Day.FIELD))));
        }
    }

    /** Never finds an outlier. */
    private static final class NoOutliers implements Udf {
        @Override
        public Description describe() {
            return Description.batch("outliers", "").options(Option.string("field"), Option.number("scale"));
        }

        @Override
        public Handler create(Context context) {
            return Handlers.batches(context, (batch, output) -> output.batch(batch.withPoints(List.of())));
        }
    }
}
