package org.kapacitorudf.bench.score;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.kapacitorudf.bench.score.Family.Kind;

/** The page of a function, {@code docs/functions/NAME.md}: what a program writes of it is its picture and the section about its cost. */
enum Page {
    DEVIATION(FunctionRun.of("deviation")),
    BASELINE(FunctionRun.of("baseline")),
    TIME_TO(FunctionRun.of("timeTo", "threshold", 100.0));

    static final String COST = "cost";

    private static final int SHOWN = 14 * Family.DAY;
    private static final int SEED = 5;

    /** Its anomaly is on a weekday. */
    private static final int WEEKDAY_SEED = 3;

    private final FunctionRun function;

    Page(FunctionRun function) {
        this.function = function;
    }

    /** The name of the function, and of the files without their endings. */
    String function() {
        return function.function();
    }

    String picture() {
        return switch (this) {
            case DEVIATION -> Picture.ofDetector(function, Family.NOISE.series(Kind.LEVEL, SEED), SHOWN);
            case BASELINE -> Picture.ofDetector(function, Family.WEEKLY.series(Kind.SEASON, WEEKDAY_SEED), SHOWN);
            case TIME_TO -> Picture.ofTrend(function, filling(), 100);
        };
    }

    String cost() {
        return Costs.of(function);
    }

    void write(Path directory) throws IOException {
        Files.writeString(directory.resolve(function() + ".svg"), picture());
        Path document = directory.resolve(function() + ".md");
        Files.writeString(document, GeneratedSections.replace(Files.readString(document), COST, cost()));
    }

    /** A disk that fills, is cleaned, and fills more slowly: a point every five minutes for three days. */
    private static LabelledSeries filling() {
        Random random = new Random(SEED);
        double[] values = new double[3 * 288];
        long[] times = new long[values.length];
        double value = 20;
        for (int i = 0; i < values.length; i++) {
            value = i == 420 ? 30 : value + (i < 420 ? 0.14 : 0.12);
            values[i] = value + 0.8 * random.nextGaussian();
            times[i] = Family.START_NANOS + i * 300_000_000_000L;
        }
        return new LabelledSeries("disk", times, values, List.of());
    }
}
