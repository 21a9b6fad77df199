package org.kapacitorudf.forest;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("one-jdk")
class PlanesTest {
    @Test
    void intsComeBack() {
        int[] values = {0, 1, -1, 127, 128, -128, 65_536, Integer.MAX_VALUE, Integer.MIN_VALUE};
        assertThat(Planes.toInts(Planes.of(values))).isEqualTo(values);
        assertThat(Planes.toInts(Planes.of(new int[0]))).isEmpty();
    }

    @Test
    void floatsComeBackRounded() {
        float[] values = {0, -0.0f, -0.001f, 0.1f, -0.1f, 1 / 256f, 0.3f / 256, -12.345678f, 1e6f, -1e6f, 65_537.126f};
        float[] rounded = new float[values.length];
        for (int i = 0; i < values.length; i++) {
            rounded[i] = Planes.rounded(values[i]);
            assertThat(rounded[i]).isBetween(values[i] - 1 / 512f, values[i] + 1 / 512f);
        }
        assertThat(Planes.toFloats(Planes.of(values))).containsExactly(rounded);
        assertThat(Planes.toFloats(Planes.of(rounded))).containsExactly(rounded);
    }

    @Test
    void theLowestBytesComeFirst() {
        assertThat(Planes.of(new int[] {1, -2})).containsExactly(2, 3, 0, 0, 0, 0, 0, 0);
    }
}
