package org.kapacitorudf.benchmarks.score;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The generated parts of docs/functions are up to date; {@code scripts/score} writes them. */
@Tag("one-jdk")
@Tag("slow")
class FunctionPagesTest {
    private static final Path DOCS = Path.of(System.getProperty("kapacitor-udf.scripts"), "..", "docs", "functions");

    @ParameterizedTest
    @EnumSource
    void theCostIsThatOfTheCode(Page page) throws IOException {
        assertThat(GeneratedSections.read(read(page.function() + ".md"), Page.COST))
                .as("scripts/score writes it")
                .isEqualTo(page.cost());
    }

    @ParameterizedTest
    @EnumSource
    void thePictureIsThatOfTheCode(Page page) throws IOException {
        assertThat(page.picture().equals(read(page.function() + ".svg")))
                .as("%s.svg: scripts/score writes it", page.function())
                .isTrue();
    }

    @Test
    void theErrorsOfSmoothAreThoseOfTheCode() throws IOException {
        assertThat(GeneratedSections.read(read("smooth.md"), Page.ERRORS))
                .as("scripts/score writes it")
                .isEqualTo(Smoothing.errors().strip());
    }

    /** Each needs 1,000 random runs, which takes minutes. */
    @ParameterizedTest
    @EnumSource(names = {"QUANTILES", "COUNT_DISTINCT", "TOP_K"})
    @EnabledIfSystemProperty(named = "udf.full", matches = "true")
    void theErrorsOfSketchesAreThoseOfTheCode(Page page) throws IOException {
        assertThat(GeneratedSections.read(read(page.function() + ".md"), Page.ERRORS))
                .as("scripts/score writes it")
                .isEqualTo(page.errors().orElseThrow().strip());
    }

    @Test
    void theRunLengthsOfChangepointAreThoseOfTheCode() throws IOException {
        assertThat(GeneratedSections.read(read("changepoint.md"), RunLength.PROMISE))
                .as("scripts/score writes it")
                .isEqualTo(RunLength.table().strip());
    }

    @Test
    void theFalseAlertsOfDeviationAreThoseOfTheCode() throws IOException {
        assertThat(GeneratedSections.read(read("accuracy.md"), Accuracy.SYNTHETIC))
                .as("scripts/score writes it")
                .contains(Accuracy.falseAlerts(FunctionRun.of("deviation")));
    }

    /** It takes minutes. */
    @Test
    @EnabledIfSystemProperty(named = "udf.full", matches = "true")
    void theTablesOnSyntheticSeriesAreThoseOfTheCode() throws IOException {
        assertThat(GeneratedSections.read(read("accuracy.md"), Accuracy.SYNTHETIC))
                .as("scripts/score writes it")
                .isEqualTo(Accuracy.synthetic().strip());
    }

    private static String read(String name) throws IOException {
        return Files.readString(DOCS.resolve(name));
    }
}
