package org.kapacitorudf.internal.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.kapacitorudf.state.GroupState;
import org.kapacitorudf.state.State;

/**
 * Reads a snapshot written by version 0.1.0: Kapacitor keeps snapshots for years, and later versions must be able to
 * read them. The file is never written again; a later format gets its own file.
 */
class GoldenSnapshotTest {
    static final class Window {
        private final double[] values = new double[3];
        private int next;
        private boolean full;
        private Deque<Sample> samples = new ArrayDeque<>();
        private Map<Long, Optional<String>> names = Map.of();
    }

    record Sample(String name, float weight, Instant at, Duration age, TimeUnit unit, Sample before) {}

    record Numbers(
            byte int8,
            short int16,
            char character,
            long int64,
            BigInteger integer,
            BigDecimal decimal,
            UUID uuid,
            byte[] bytes,
            List<Double> specials) {}

    private final States states = TestStates.of("golden", 7, 100_000);
    private final GroupState<Window> windows = TestStates.groups(states, "windows", Window.class, Window::new);
    private final State<Numbers> numbers = states.state("numbers", Numbers.class, () -> null);
    private final State<Long> count = states.state("count", Long.class, () -> 0L);

    @Test
    void aSnapshotOfFormat1IsStillRead() throws IOException {
        States.Restored restored = states.restore(resource("format-1.hex"));
        assertThat(new String(restored.handlerBytes(), StandardCharsets.UTF_8))
                .isEqualTo("of the handler's own making");
        assertThat(restored.notes()).isEmpty();
        assertThat(count.get()).isEqualTo(1_234_567_890_123L);
        assertThat(windows.size()).isEqualTo(2);

        Window window = windows.of("host=a,dc=ö");
        assertThat(window.values).containsExactly(1.5, -0.0, Double.MAX_VALUE);
        assertThat(window.next).isEqualTo(2);
        assertThat(window.full).isTrue();
        Sample first =
                new Sample("first", 0.1f, Instant.ofEpochSecond(1, 2), Duration.ofMillis(-5), TimeUnit.DAYS, null);
        assertThat(window.samples)
                .containsExactly(first, new Sample(null, 2, Instant.EPOCH, Duration.ZERO, TimeUnit.HOURS, first));
        assertThat(window.names).isEqualTo(Map.of(-1L, Optional.of("minus one"), 0L, Optional.empty()));
        assertThat(windows.of("").values).containsExactly(0, 0, 0);

        Numbers read = numbers.get();
        assertThat(read.int8()).isEqualTo(Byte.MIN_VALUE);
        assertThat(read.int16()).isEqualTo(Short.MAX_VALUE);
        assertThat(read.character()).isEqualTo('ß');
        assertThat(read.int64()).isEqualTo(Long.MIN_VALUE);
        assertThat(read.integer()).isEqualTo(BigInteger.TEN.pow(40).negate());
        assertThat(read.decimal()).isEqualTo(new BigDecimal("123456789012345678901234567890.5"));
        assertThat(read.uuid()).isEqualTo(new UUID(1, -2));
        assertThat(read.bytes()).containsExactly(0, -1);
        assertThat(read.specials())
                .isEqualTo(Arrays.asList(Double.NaN, Double.NEGATIVE_INFINITY, null, Double.MIN_VALUE));
    }

    private static byte[] resource(String name) throws IOException {
        try (InputStream in = GoldenSnapshotTest.class.getResourceAsStream(name)) {
            String hex = new String(in.readAllBytes(), StandardCharsets.US_ASCII);
            return HexFormat.of().parseHex(hex.replaceAll("\\s", ""));
        }
    }
}
