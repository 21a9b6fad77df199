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

    @Test
    void aWriterContinuesWithTheBytesOfAnother() {
        Packed.Writer first = new Packed.Writer(new byte[0], 0);
        first.text("ab");
        Packed.Writer second = new Packed.Writer(first.array(), first.size());
        second.fixed(-2, 3);
        second.bytes(new byte[] {1, 2, 3}, 1, 2);
        Packed.Reader reader = new Packed.Reader(second.bytes());
        assertThat(reader.text()).isEqualTo("ab");
        assertThat(reader.fixed(3)).isEqualTo(0xfffffe);
        byte[] rest = new byte[3];
        reader.bytes(rest, 1, 2);
        assertThat(rest).containsExactly(0, 2, 3);
        assertThat(reader.hasMore()).isFalse();
    }
}
