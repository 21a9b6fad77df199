package org.kapacitorudf.benchmarks.score;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.kapacitorudf.benchmarks.score.Family.Kind;
import org.kapacitorudf.proto.Point;

/**
 * Generates the tables of {@code docs/functions/accuracy.md}, and the generated parts of each function's page; run by
 * {@code scripts/score}.
 *
 * <p>The tables on synthetic series, the pictures and the costs on the functions' pages need no data. The tables on NAB
 * and M4 require a directory with {@code nab} and {@code m4-hourly}.
 */
public final class Accuracy {
    static final String SYNTHETIC = "synthetic";

    private static final int SEEDS = 4;
    private static final int COUNTED_FROM = 14 * Family.DAY;

    private static final List<Candidate> CANDIDATES = List.of(
            new SigmaRule(3),
            new SigmaRule(6.9),
            new TukeyRule(1.5, 1000),
            new TukeyRule(3, 1000),
            FunctionRun.of("deviation"),
            FunctionRun.of("baseline"),
            FunctionRun.of("baseline", "season", "day"),
            FunctionRun.of("forest"));

    private record Published(String name, double score, String knows) {}

    private static final List<Published> PUBLISHED = List.of(
            new Published("CAD OSE", 74.1, "each file's minimum and maximum"),
            new Published("Numenta HTM", 71.2, "each file's minimum and maximum"),
            new Published("kNN-CAD", 64.4, "past points"),
            new Published("Relative Entropy", 56.3, "past points"),
            new Published("Random Cut Forest", 52.0, "past points"),
            new Published("Windowed Gaussian", 36.7, "past points"));

    private Accuracy() {}

    /** @param args the directory of the documents, and the directory with the data if available */
    public static void main(String[] args) throws IOException {
        Path directory = Path.of(args[0]);
        for (Page page : Page.values()) {
            page.write(directory);
        }
        Path document = directory.resolve("accuracy.md");
        String text = Files.readString(document);
        text = GeneratedSections.replace(text, SYNTHETIC, synthetic());
        if (args.length > 1) {
            Path data = Path.of(args[1]);
            List<LabelledSeries> nab = NabFiles.in(data.resolve("nab"));
            text = GeneratedSections.replace(text, "nab", nab(nab));
            text = GeneratedSections.replace(text, "clean", clean(nab));
            text = GeneratedSections.replace(text, "taxi", taxi(nab));
            List<LabelledSeries> hourly = M4Hourly.in(data.resolve("m4-hourly"));
            text = GeneratedSections.replace(text, "m4", m4(hourly));
            text = GeneratedSections.replace(text, "m4-forecasts", M4Forecasts.table(hourly));
        }
        Files.writeString(document, text);
    }

    /** The tables of detections per kind of anomaly, and of false alerts. */
    static String synthetic() {
        StringBuilder kinds = new StringBuilder("| found, of all series |");
        for (Kind kind : Kind.values()) {
            kinds.append(' ').append(kind.name().toLowerCase(Locale.ROOT)).append(" |");
        }
        kinds.append('\n').append(rule(Kind.values().length)).append('\n');
        StringBuilder alerts = new StringBuilder("| false alerts per series and week |");
        for (Family family : Family.values()) {
            alerts.append(' ').append(family.name().toLowerCase(Locale.ROOT)).append(" |");
        }
        alerts.append(" mean |\n").append(rule(Family.values().length + 1)).append('\n');
        for (Candidate candidate : CANDIDATES) {
            kinds.append("| ").append(candidate.name()).append(" |");
            for (Kind kind : Kind.values()) {
                kinds.append(' ').append(found(candidate, kind)).append(" |");
            }
            kinds.append('\n');
            alerts.append(falseAlerts(candidate)).append('\n');
        }
        return kinds + "\n" + alerts;
    }

    /** The row of a candidate in the table of false alerts. */
    static String falseAlerts(Candidate candidate) {
        StringBuilder row = new StringBuilder("| " + candidate.name() + " |");
        double sum = 0;
        for (Family family : Family.values()) {
            double rate = falseAlertsPerWeek(candidate, family);
            sum += rate;
            row.append(format(" %.2f |", rate));
        }
        return row + format(" %.2f |", sum / Family.values().length);
    }

    private static String found(Candidate candidate, Kind kind) {
        int found = 0;
        int all = 0;
        for (Family family : Family.values()) {
            for (int seed = 0; kind.isIn(family) && seed < SEEDS; seed++) {
                LabelledSeries series = family.series(kind, seed);
                boolean[] alerts = candidate.alerts(series);
                boolean hit = false;
                for (int i = series.windows().get(0).first();
                        i <= series.windows().get(0).last();
                        i++) {
                    hit |= alerts[i];
                }
                found += hit ? 1 : 0;
                all++;
            }
        }
        return format("%.0f %%", 100.0 * found / all);
    }

    private static double falseAlertsPerWeek(Candidate candidate, Family family) {
        double count = 0;
        double weeks = 0;
        for (int seed = 0; seed < SEEDS; seed++) {
            LabelledSeries series = family.series(null, 100 + seed);
            boolean[] alerts = candidate.alerts(series);
            for (int i = COUNTED_FROM; i < alerts.length; i++) {
                count += alerts[i] ? 1 : 0;
            }
            weeks += series.weeksFrom(COUNTED_FROM);
        }
        return count / weeks;
    }

    private static String nab(List<LabelledSeries> files) {
        StringBuilder table = new StringBuilder(
                "| detector | score | found | false alerts | knows | halves of the files | without one folder |\n"
                        + "| --- | --- | --- | --- | --- | --- | --- |\n");
        for (Published published : PUBLISHED) {
            table.append(format(
                    "| %s, published | %.1f | | | %s | | |%n", published.name, published.score, published.knows));
        }
        for (Candidate candidate : CANDIDATES) {
            NabScore all = NabScore.NONE;
            NabScore[] halves = {NabScore.NONE, NabScore.NONE};
            Map<String, NabScore> folders = new LinkedHashMap<>();
            for (int i = 0; i < files.size(); i++) {
                NabScore score = NabScore.of(files.get(i), candidate.alerts(files.get(i)));
                all = all.plus(score);
                halves[i % 2] = halves[i % 2].plus(score);
                folders.merge(files.get(i).name().split("/")[0], score, NabScore::plus);
            }
            double least = Double.POSITIVE_INFINITY;
            double most = Double.NEGATIVE_INFINITY;
            for (NabScore folder : folders.values()) {
                double without =
                        new NabScore(all.raw() - folder.raw(), all.windows() - folder.windows(), 0, 0).standard();
                least = Math.min(least, without);
                most = Math.max(most, without);
            }
            table.append(format(
                    "| %s | %.1f | %d of %d | %d | past points | %.1f, %.1f | %.1f to %.1f |%n",
                    candidate.name(),
                    all.standard(),
                    all.found(),
                    all.windows(),
                    all.falseAlerts(),
                    halves[0].standard(),
                    halves[1].standard(),
                    least,
                    most));
        }
        return table.toString();
    }

    private static String clean(List<LabelledSeries> files) {
        List<LabelledSeries> clean =
                files.stream().filter(file -> file.windows().isEmpty()).toList();
        StringBuilder table = new StringBuilder("| false alerts per week |");
        clean.forEach(file ->
                table.append(' ').append(file.name().replaceAll(".*/", "")).append(" |"));
        table.append(" mean |\n").append(rule(clean.size() + 1)).append('\n');
        for (Candidate candidate : CANDIDATES) {
            table.append("| ").append(candidate.name()).append(" |");
            double sum = 0;
            for (LabelledSeries file : clean) {
                int count = 0;
                for (boolean alert : candidate.alerts(file)) {
                    count += alert ? 1 : 0;
                }
                double rate = count / file.weeksFrom(0);
                sum += rate;
                table.append(format(" %.2f |", rate));
            }
            table.append(format(" %.2f |%n", sum / clean.size()));
        }
        return table.toString();
    }

    private static String taxi(List<LabelledSeries> files) {
        LabelledSeries taxi = files.stream()
                .filter(file -> file.name().endsWith("nyc_taxi.csv"))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("nyc_taxi.csv: missing (expected: in the data)"));
        StringBuilder table = new StringBuilder("| nyc_taxi | found | false alerts |\n| --- | --- | --- |\n");
        for (Candidate candidate : CANDIDATES) {
            NabScore score = NabScore.of(taxi, candidate.alerts(taxi));
            table.append(format(
                    "| %s | %d of %d | %d |%n", candidate.name(), score.found(), score.windows(), score.falseAlerts()));
        }
        return table.toString();
    }

    private static String m4(List<LabelledSeries> all) {
        FunctionRun baseline = FunctionRun.of("baseline", "season", "day");
        long points = 0;
        long ready = 0;
        long inside = 0;
        List<Double> shares = new ArrayList<>();
        for (LabelledSeries series : all) {
            long readyHere = 0;
            long insideHere = 0;
            for (Point point : baseline.results(series)) {
                if (point.getFieldsBoolOrThrow("ready")) {
                    double value = point.getFieldsDoubleOrThrow("value");
                    readyHere++;
                    insideHere += value >= point.getFieldsDoubleOrThrow("lower")
                                    && value <= point.getFieldsDoubleOrThrow("upper")
                            ? 1
                            : 0;
                }
            }
            points += series.length();
            ready += readyHere;
            inside += insideHere;
            shares.add(100.0 * insideHere / readyHere);
        }
        shares.sort(null);
        return format(
                "%s over %d series: %.1f %% of the points are ready, and the band covers %.2f %% of these. Of the series, 5 %% have less than %.1f %%, half "
                        + "more than %.1f %%.",
                baseline.name(),
                all.size(),
                100.0 * ready / points,
                100.0 * inside / ready,
                shares.get(shares.size() / 20),
                shares.get(shares.size() / 2));
    }

    private static String rule(int columns) {
        return "| --- |" + " --- |".repeat(columns);
    }

    private static String format(String format, Object... values) {
        return String.format(Locale.ROOT, format.replace("%n", "\n"), values);
    }
}
