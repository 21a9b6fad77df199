package org.kapacitorudf.session;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class CallClockTest {
    private final CallClock clock = new CallClock();
    private final CallClock.Observer observer = new CallClock.Observer(clock);

    @Test
    void aCallIsAsOldAsItHasBeenSeen() {
        clock.begin();
        assertThat(observer.look(1_000)).isZero();
        assertThat(observer.look(1_700)).isEqualTo(700);
        assertThat(observer.look(2_000)).isEqualTo(1_000);
    }

    @Test
    void theNextCallIsNew() {
        clock.begin();
        observer.look(1_000);
        observer.look(2_000);
        clock.end();
        clock.begin();
        assertThat(observer.look(3_000)).isZero();
        assertThat(observer.isSameCall()).isTrue();
    }

    @Test
    void betweenCallsThereIsNothing() {
        clock.begin();
        observer.look(1_000);
        clock.end();
        assertThat(observer.look(9_000)).isZero();
        assertThat(observer.isSameCall()).isFalse();
    }

    @Test
    void timeSpentWaitingForKapacitorDoesNotCount() {
        clock.begin();
        observer.look(1_000);
        clock.waiting(true);
        assertThat(observer.look(5_000)).isZero();
        clock.waiting(false);
        assertThat(observer.look(5_300)).isEqualTo(300);
    }

    @Test
    void theCallThatWasSeenIsInterrupted() {
        clock.runBy(Thread.currentThread());
        clock.begin();
        observer.look(1_000);
        assertThat(observer.interrupt()).isTrue();
        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void neitherTheNextCallNorTheNextUserOfItsThreadIsInterrupted() {
        clock.runBy(Thread.currentThread());
        clock.begin();
        observer.look(1_000);
        clock.end();
        assertThat(observer.interrupt()).as("after it").isFalse();
        clock.begin();
        assertThat(observer.interrupt()).as("in the next call").isFalse();
        clock.end();
        clock.runBy(null);
        assertThat(observer.interrupt()).as("by nobody's thread").isFalse();
        assertThat(Thread.interrupted()).isFalse();
    }
}
