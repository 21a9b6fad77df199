package org.kapacitorudf.server.ops;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class HealthTest {
    private static final Duration LIMIT = Duration.ofSeconds(60);

    private CompletableFuture<Void> answer = new CompletableFuture<>();
    private long now;
    private final Health health = new Health(null, () -> answer, () -> now, LIMIT, 0);

    @AfterEach
    void close() {
        health.close();
    }

    @Test
    void loopsMayBeSilentForAsLongAsACallMayTake() {
        health.ask();
        now = LIMIT.toNanos();
        assertThat(health.ills()).isEmpty();
        now++;
        health.ask();
        assertThat(health.ills()).containsExactly("event loops: no answer for 60 s (expected: <= 60 s)");
        answer.complete(null);
        assertThat(health.ills()).isEmpty();
    }

    @Test
    void aQuestionThatFailsIsNotTheLast() {
        AtomicInteger asked = new AtomicInteger();
        try (Health exhausted = new Health(
                null,
                () -> {
                    if (asked.incrementAndGet() == 1) {
                        throw new InternalError("once");
                    }
                    return answer;
                },
                () -> now,
                LIMIT,
                0)) {
            exhausted.ask();
            exhausted.ask();
            now = LIMIT.toNanos() + 1;
            assertThat(exhausted.ills()).hasSize(1);
        }
    }

    @Test
    void anAnswerIsForOneQuestion() {
        health.ask();
        answer.complete(null);
        now = LIMIT.toNanos() * 2;
        answer = new CompletableFuture<>();
        health.ask();
        assertThat(health.ills()).isEmpty();
        now = LIMIT.toNanos() * 4;
        assertThat(health.ills()).hasSize(1);
    }
}
