package org.kapacitorudf.server.ops;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.kapacitorudf.agent.Connection;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class HistoryTest {
    private static final int MAX = 60;

    private final History history = new History(2);

    private static Connection connection(long number, long points) {
        return new NodeStatisticsTest.Given("f", "t" + number, "f2", number, points);
    }

    private JsonNode json() {
        return new JsonMapper().readTree(history.json());
    }

    @Test
    void aConnectionHasTheSamplesSinceItWasOpened() {
        history.sample(List.of(connection(1, 10)), 1_000);
        history.sample(List.of(connection(1, 20), connection(2, 5)), 6_000);
        assertThat(history.json())
                .isEqualTo("{\"millis\":[1000,6000],\"connections\":[{\"number\":1,\"pointsIn\":[10,20]},"
                        + "{\"number\":2,\"pointsIn\":[5]}]}");
    }

    @Test
    void aConnectionHasAsManySamplesAsTheLimitAndNoMore() {
        for (int i = 0; i <= MAX; i++) {
            history.sample(List.of(connection(1, i)), i);
        }
        JsonNode samples = json().get("connections").get(0).get("pointsIn");
        assertThat(samples.size()).isEqualTo(MAX);
        assertThat(samples.get(0).asLong()).isEqualTo(1);
        assertThat(json().get("millis").size()).isEqualTo(MAX);
    }

    @Test
    void aConnectionThatHasEndedIsForgotten() {
        history.sample(List.of(connection(1, 10)), 1_000);
        history.sample(List.of(), 2_000);
        assertThat(json().get("connections").size()).isZero();
    }

    @Test
    void connectionsBeyondTheLimitHaveNoHistory() {
        history.sample(List.of(connection(1, 1), connection(2, 2), connection(3, 3)), 1_000);
        assertThat(json().get("connections").size()).isEqualTo(2);
    }
}
