package org.kapacitorudf.server.plugin;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SuggestionTest {
    private static final List<String> NAMES = List.of("mirror", "movingAvg", "outliers", "ewma");

    @ParameterizedTest
    @CsvSource({
        "miror, mirror",
        "MIRROR, mirror",
        "movingaverage, movingAvg",
        "movingAvgs, movingAvg",
        "outlier, outliers",
        "out, outliers",
        "ewna, ewma",
        "kmeans,",
        "x,",
        "'',"
    })
    void whatIsNearIsMeant(String typed, String meant) {
        assertThat(Suggestion.closest(typed, NAMES).orElse(null)).isEqualTo(meant);
    }
}
