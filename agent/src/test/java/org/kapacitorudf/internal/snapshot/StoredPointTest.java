package org.kapacitorudf.internal.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.kapacitorudf.Point;
import org.kapacitorudf.errors.SnapshotException;
import org.kapacitorudf.state.State;

class StoredPointTest {
    private static final Point POINT = Point.of("cpu", 7)
            .withTags(Map.of("host", "größe"))
            .withDimensions(true, List.of("host"))
            .withField("value", -0.0);

    private static final Point NAN = Point.of("cpu", 7).withField("came", Double.NaN);

    static final class Window {
        private final List<Point> points = new ArrayList<>();
        private Point last;
    }

    /** The same field with arbitrary other content. */
    record Forged(byte[] last) {}

    private static States states() {
        return TestStates.of("abc", 1, 1 << 20);
    }

    private static byte[] snapshotOf(List<Point> points, Point last) {
        States states = states();
        State<Window> window = states.state("window", Window.class, Window::new);
        window.get().points.addAll(points);
        window.get().last = last;
        return TestStates.snapshot(states);
    }

    @Test
    void aPointComesBackByteForByte() {
        byte[] unknownField = {(byte) 0xF8, 0x07, 5};
        Point later = Point.decode(unknownField);
        byte[] snapshot = snapshotOf(List.of(POINT, Point.of("", 0)), later);
        States states = states();
        State<Window> window = states.state("window", Window.class, Window::new);
        states.restore(snapshot);
        assertThat(window.get().points).containsExactly(POINT, Point.of("", 0));
        assertThat(window.get().points.get(0).encoded()).isEqualTo(POINT.encoded());
        assertThat(window.get().last.encoded()).isEqualTo(unknownField);
    }

    @Test
    void aRestoreChangesNothingAboutWhatAFunctionMadeAndWhatCame() {
        Point came = Point.decode(NAN.encoded());
        Point made = came.withField("made", Double.POSITIVE_INFINITY);
        Point fieldless = POINT.withoutField("value");
        byte[] snapshot = snapshotOf(List.of(came, made, fieldless), POINT);
        States states = states();
        State<Window> window = states.state("window", Window.class, Window::new);
        states.restore(snapshot);
        List<Point> restored = window.get().points;
        assertThat(restored).containsExactly(came, made, fieldless);
        assertThat(restored.get(0).isSound()).isTrue();
        assertThat(restored.get(1).nonFiniteFields()).contains("made");
        assertThat(restored.get(2).brokenRule(true)).hasValue("fields: none (expected: at least one)");
        assertThat(window.get().last.isSound()).isTrue();
    }

    @Test
    void noPointIsNoPoint() {
        States states = states();
        State<Window> window = states.state("window", Window.class, Window::new);
        states.restore(snapshotOf(List.of(), null));
        assertThat(window.get().points).isEmpty();
        assertThat(window.get().last).isNull();
    }

    @Test
    void bytesThatAreNoPointAreRefused() {
        States forging = states();
        forging.state("window", Forged.class, () -> new Forged(new byte[] {0x12, 5, 'c'}))
                .get();
        byte[] snapshot = TestStates.snapshot(forging);
        States states = states();
        states.state("window", Window.class, Window::new);
        assertThatExceptionOfType(SnapshotException.class)
                .isThrownBy(() -> states.restore(snapshot))
                .withMessageStartingWith("snapshot: state \"window\": point: ");
    }

    @Test
    void aTextIsNoPoint() {
        record Text(String last) {}
        States forging = states();
        forging.state("window", Text.class, () -> new Text("CpU=")).get();
        byte[] snapshot = TestStates.snapshot(forging);
        States states = states();
        states.state("window", Window.class, Window::new);
        assertThatExceptionOfType(SnapshotException.class)
                .isThrownBy(() -> states.restore(snapshot))
                .withMessage("snapshot: state \"window\": point: VALUE_STRING (expected: a byte string)");
    }
}
