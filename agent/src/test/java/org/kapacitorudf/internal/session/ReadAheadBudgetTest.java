package org.kapacitorudf.internal.session;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class ReadAheadBudgetTest {
    private final ReadAheadBudget budget = new ReadAheadBudget(1_000);

    @Test
    void itIsExceededAtItsLastByteAndNotBefore() {
        budget.take(999);
        assertThat(budget.isExceeded()).isFalse();
        budget.take(1);
        assertThat(budget.isExceeded()).isTrue();
        budget.take(1);
        assertThat(budget.isExceeded()).isTrue();
        budget.giveBack(2);
        assertThat(budget.isExceeded()).isFalse();
    }

    @Test
    void theReserveIsAsLargeAgain() {
        budget.take(1_999);
        assertThat(budget.hasReserve()).isTrue();
        budget.take(1);
        assertThat(budget.hasReserve()).isFalse();
    }
}
