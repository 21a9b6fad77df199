package org.kapacitorudf.fuzz;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The same inputs each time, as many as time allows; {@code scripts/fuzz} tries others. */
@Tag("slow")
@Tag("one-jdk")
class FuzzTest {
    private static final boolean IS_FULL = Boolean.getBoolean("udf.full");
    private static final long MOST_RUNS = IS_FULL ? 5_000_000 : 20_000;
    private static final long MOST_NANOS = TimeUnit.MILLISECONDS.toNanos(IS_FULL ? 60_000 : 300);
    private static final long SEED = 1;

    @ParameterizedTest
    @EnumSource(Targets.class)
    void whatATargetDemandsHolds(Targets name) throws Exception {
        Target target = name.make();
        BlindFuzzer fuzzer = new BlindFuzzer(target, target.seeds(), SEED);
        try {
            fuzzer.runInputs();
            fuzzer.run(MOST_RUNS, MOST_NANOS);
        } catch (Exception | Error e) {
            throw new AssertionError(name + ": " + HexFormat.of().formatHex(fuzzer.input()), e);
        }
        assertThat(fuzzer.runs()).isPositive();
    }

    /** Fails at two adjacent bytes that no seed contains. */
    private static final class Broken implements Target {
        @Override
        public void run(byte[] input) {
            for (int i = 1; i < input.length; i++) {
                Claim.that(input[i - 1] != 'x' || input[i] != 'y', "xy");
            }
        }

        @Override
        public List<byte[]> seeds() {
            return List.of(new byte[] {'x', 1, 2, 3}, new byte[] {'y', 4});
        }
    }

    @Test
    void whatDoesNotHoldIsFoundAndAtTheSameInputEachTime() throws Exception {
        assertThat(found()).contains('x', 'y').isEqualTo(found());
    }

    private static byte[] found() throws Exception {
        Broken target = new Broken();
        BlindFuzzer fuzzer = new BlindFuzzer(target, target.seeds(), SEED);
        assertThatExceptionOfType(AssertionError.class)
                .isThrownBy(() -> fuzzer.run(1_000_000, Long.MAX_VALUE))
                .withMessage("xy");
        return fuzzer.input();
    }
}
