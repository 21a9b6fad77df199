package org.kapacitorudf.functions.panes;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PackedTest {
    @Test
    void numbersAndTextsAreReadAsTheyWereWritten() {
        long[] numbers = {0, 1, 127, 128, 300, 1L << 35, Long.MAX_VALUE, -1, Long.MIN_VALUE};
        Packed.Writer writer = new Packed.Writer();
        for (long number : numbers) {
            writer.number(number);
            writer.text("\u20ac" + number);
        }
        writer.text("");
        Packed.Reader reader = new Packed.Reader(writer.bytes());
        for (long number : numbers) {
            assertThat(reader.number()).isEqualTo(number);
            assertThat(reader.text()).isEqualTo("\u20ac" + number);
        }
        assertThat(reader.hasMore()).isTrue();
        assertThat(reader.text()).isEmpty();
        assertThat(reader.hasMore()).isFalse();
    }

    @Test
    void smallNumbersTakeOneByte() {
        Packed.Writer writer = new Packed.Writer();
        writer.number(5);
        writer.number(300);
        writer.text("ab");
        assertThat(writer.bytes()).containsExactly(5, 0xAC, 2, 2, 'a', 'b');
    }
}
