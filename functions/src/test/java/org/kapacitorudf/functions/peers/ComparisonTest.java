package org.kapacitorudf.functions.peers;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.kapacitorudf.functions.detect.Direction;
import org.kapacitorudf.functions.detect.Policy;
import org.kapacitorudf.functions.peers.Comparison.Taken;

class ComparisonTest {
    private static final long SECOND = 1_000_000_000L;
    private static final long SLOT = 10 * SECOND;
    private static final long EXPIRE = 1000 * SLOT;

    private final Comparison comparison = comparison(10, 1000);
    private final Cohort cohort = new Cohort();
    private final TreeMap<String, Double> given = new TreeMap<>();
    private final Set<String> alerted = new HashSet<>();
    private double median;
    private double width;

    @Test
    void aSlotIsJudgedWhenAValueComesForTheSlotAfterTheNext() {
        slot(0, 1, 2, 4, 8);
        slot(1, 1, 2, 4, 8);
        assertThat(given).isEmpty();
        take(2 * SLOT, 0, 5);
        assertThat(given).containsOnlyKeys("0@0", "1@0", "2@0", "3@0").containsEntry("2@0", 4.0);
    }

    @Test
    void theBandIsMedianAndMedianDistanceOfTheSlot() {
        slot(0, 1, 2, 4, 8, 100);
        slot(1, 1, 2, 4, 8, 100);
        take(2 * SLOT, 0, 5);
        assertThat(median).isEqualTo(4);
        assertThat(width).isEqualTo(3 * (1.4 + 50.0 / 25) * 1.4826 * 3);
    }

    @Test
    void membersMayBeASlotApart() {
        slot(0, 1, 2, 4);
        take(SLOT, 0, 1);
        take(9 * SECOND, 3, 8);
        take(2 * SLOT, 0, 1);
        assertThat(given).containsKeys("0@0", "1@0", "2@0", "3@0");
    }

    @Test
    void aSlotWithTooFewMembersIsNotReady() {
        for (int i = 0; i < 40; i++) {
            slot(i, 1, 1, 1000);
        }
        assertThat(alerted).isEmpty();
        assertThat(given).isNotEmpty();
    }

    @Test
    void aMemberThatIsOutsideForMostSlotsAlertsOnce() {
        Random random = new Random(1);
        int alerts = 0;
        for (int i = 0; i < 100; i++) {
            alerted.clear();
            slot(i, values(random, 10, i >= 50 ? 30 : 0));
            alerts += alerted.size();
            assertThat(alerted).allMatch(member -> member.equals("0"));
        }
        assertThat(alerts).isEqualTo(1);
    }

    @Test
    void oneSlotFarOutsideIsNotEnough() {
        Random random = new Random(2);
        for (int i = 0; i < 100; i++) {
            slot(i, values(random, 10, i % 20 == 5 ? 1e30 : 0));
        }
        assertThat(alerted).isEmpty();
    }

    @Test
    void membersThatAllDoTheSameNeverAlert() {
        for (int i = 0; i < 100; i++) {
            slot(i, 5, 5, 5, 5, 5, 5);
        }
        for (int i = 100; i < 200; i++) {
            slot(i, 9, 9, 9, 9, 9, 9);
        }
        assertThat(alerted).isEmpty();
        for (int i = 200; i < 220; i++) {
            slot(i, 9, 9, 9, 9, 9, 10);
        }
        assertThat(alerted).containsExactly("5");
    }

    @Test
    void aMemberWithAClockFarAheadIsSkippedUntilAnotherIsThere() {
        slot(0, 1, 2, 3, 4);
        assertThat(take(100 * SLOT, 0, 1)).isEqualTo(Taken.AHEAD);
        assertThat(take(SLOT, 1, 1)).isEqualTo(Taken.TAKEN);
        assertThat(take(100 * SLOT, 0, 1)).isEqualTo(Taken.AHEAD);
        assertThat(take(100 * SLOT, 1, 1)).isEqualTo(Taken.TAKEN);
        assertThat(take(SLOT, 2, 1)).isEqualTo(Taken.LATE);
    }

    @Test
    void afterManyLateValuesInARowTheClocksWereSetBack() {
        slot(1000, 1, 2, 3, 4);
        int late = 0;
        while (take(0, late % 4, 1) == Taken.LATE) {
            late++;
        }
        assertThat(late).isEqualTo(20);
        slot(1, 1, 2, 3, 4);
        slot(2, 1, 2, 3, 4);
        assertThat(given).containsKey("0@0");
    }

    @Test
    void thereAreNeverMoreMembersThanAllowed() {
        Comparison small = comparison(10, 4);
        for (int i = 0; i < 10; i++) {
            Taken taken = small.take(cohort, 0, "m" + i, 1, (member, time, value, judgement, changed) -> {});
            assertThat(taken).isEqualTo(i < 4 ? Taken.TAKEN : Taken.TOO_MANY);
        }
        assertThat(cohort.size()).isEqualTo(4);
    }

    /** Where no other member fits, only values of new members come, and they do not move the slot. */
    @ParameterizedTest
    @ValueSource(ints = {1, 6})
    void membersThatAreAllReplacedAreForgotten(int slots) {
        Comparison small = comparison(10, 4);
        int firstTaken = 0;
        for (int slot = 0; slot < 1020; slot++) {
            for (int i = 0; i < 4; i++) {
                String name = (slot < slots ? "m" : "n") + i;
                Taken taken = small.take(
                        cohort,
                        slot * SLOT,
                        name,
                        i,
                        (member, at, value, judgement, changed) -> given.put(member + "@" + at / SLOT, value));
                firstTaken = firstTaken == 0 && slot >= slots && taken == Taken.TAKEN ? slot : firstTaken;
                assertThat(taken == Taken.TAKEN).isEqualTo(slot < slots || firstTaken > 0);
            }
        }
        assertThat(firstTaken).isEqualTo(999 + slots);
        assertThat(given).containsEntry("n3@1010", 3.0);
        assertThat(cohort.size()).isEqualTo(4);
    }

    @Test
    void aMemberThatHasLeftMakesRoomThoughNoOtherHasAValue() {
        Comparison small = comparison(10, 4);
        for (int slot = 0; slot < 500; slot++) {
            for (int i = slot < 3 ? 0 : 1; i < 4; i++) {
                small.take(cohort, slot * SLOT, "m" + i, i, (member, at, value, judgement, changed) -> {});
            }
        }
        for (int slot = 500; slot < 1010; slot++) {
            small.take(cohort, slot * SLOT, "n", 1, (member, at, value, judgement, changed) -> {});
        }
        assertThat(cohort.names).containsExactly("m1", "m2", "m3", "n");
    }

    @Test
    void aMemberThatIsGoneIsForgotten() {
        slot(0, 1, 2, 3, 4);
        for (int i = 1; i < 1010; i++) {
            slot(i, 1, 2, 3);
        }
        assertThat(cohort.size()).isEqualTo(3);
    }

    /** Members that join in the middle of the order of names, and members that are forgotten, move the others. */
    @Test
    void aMemberKeepsItsStateWhenOthersComeAndGo() {
        for (int i = 0; i < 8; i++) {
            slot(i, 1, 2, 3, 4, 60);
        }
        take(8 * SLOT, 10, 2);
        take(8 * SLOT, 20, 3);
        slot(8, 1, 2, 3, 4, 60);
        slot(9, 1, 2, 3, 4, 60);
        slot(10, 1, 2, 3, 4, 60);
        take(11 * SLOT, 0, 1);
        assertThat(alerted).containsExactly("4");
        assertThat(given).containsEntry("10@8", 2.0).containsEntry("20@8", 3.0).containsEntry("4@8", 60.0);
        for (int i = 11; i < 1020; i++) {
            slot(i, 1, 2, 3, 4, 60);
        }
        assertThat(cohort.size()).isEqualTo(5);
        assertThat(cohort.alerts).containsOnlyKeys("4");
    }

    /**
     * Members with different levels, noise, and a common rhythm and common jumps; one in twenty, or one, is 15 spreads
     * away.
     */
    @Test
    void precisionAndRecallAreAbove95PercentInCohortsOf5To500() {
        int found = 0;
        int wrong = 0;
        int outliers = 0;
        for (int size : new int[] {5, 6, 8, 10, 20, 50, 100, 200, 500}) {
            for (int seed = 0; seed < (size > 100 ? 10 : 50); seed++) {
                Random random = new Random(1000L * size + seed);
                int differ = Math.max(1, size / 20);
                double[] level = new double[size];
                for (int i = 0; i < size; i++) {
                    level[i] = 2 * random.nextGaussian() + (i < differ ? (i % 2 == 0 ? 1 : -1) * 15 * Math.sqrt(5) : 0);
                }
                Comparison each = comparison(10, 1000);
                Cohort one = new Cohort();
                Set<String> alerts = new HashSet<>();
                for (int slot = 0; slot < 60; slot++) {
                    double shared = 50 + 30 * Math.sin(slot / 10.0) + (slot > 30 ? 40 : 0);
                    for (int i = 0; i < size; i++) {
                        each.take(
                                one,
                                slot * SLOT,
                                Integer.toString(i),
                                shared + level[i] + random.nextGaussian(),
                                (member, time, value, judgement, changed) -> {
                                    if (judgement.anomaly() != 0) {
                                        alerts.add(member);
                                    }
                                });
                    }
                }
                outliers += differ;
                for (String member : alerts) {
                    boolean right = Integer.parseInt(member) < differ;
                    found += right ? 1 : 0;
                    wrong += right ? 0 : 1;
                }
            }
        }
        assertThat((double) found / outliers)
                .as("recall: %d of %d", found, outliers)
                .isGreaterThan(0.95);
        assertThat((double) found / (found + wrong))
                .as("precision: %d wrong", wrong)
                .isGreaterThan(0.95);
    }

    private static double[] values(Random random, int size, double more) {
        double[] values = new double[size];
        for (int i = 0; i < size; i++) {
            values[i] = 50 + random.nextGaussian() + (i == 0 ? more : 0);
        }
        return values;
    }

    private static Comparison comparison(int slots, int maxMembers) {
        return new Comparison(
                SLOT,
                3,
                slots,
                4,
                maxMembers,
                EXPIRE,
                new Policy(0, Direction.BOTH, 43_200, Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY, 0));
    }

    private void slot(long slot, double... values) {
        for (int i = 0; i < values.length; i++) {
            take(slot * SLOT + i, i, values[i]);
        }
    }

    private Taken take(long time, int member, double value) {
        return comparison.take(cohort, time, Integer.toString(member), value, (name, at, its, judgement, changed) -> {
            given.put(name + "@" + at / SLOT, its);
            median = judgement.expected();
            width = judgement.upper() - median;
            if (judgement.anomaly() != 0) {
                alerted.add(name);
            }
        });
    }
}
