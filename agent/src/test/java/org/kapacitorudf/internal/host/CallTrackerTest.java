package org.kapacitorudf.internal.host;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class CallTrackerTest {
    private final CallTracker tracker = new CallTracker();
    private final CallTracker.Observer observer = new CallTracker.Observer(tracker);

    @Test
    void aCallIsAsOldAsItHasBeenSeen() {
        tracker.begin();
        assertThat(observer.look(1_000)).isZero();
        assertThat(observer.look(1_700)).isEqualTo(700);
        assertThat(observer.look(2_000)).isEqualTo(1_000);
    }

    @Test
    void theNextCallIsNew() {
        tracker.begin();
        observer.look(1_000);
        observer.look(2_000);
        tracker.end();
        tracker.begin();
        assertThat(observer.look(3_000)).isZero();
        assertThat(observer.isSameCall()).isTrue();
    }

    @Test
    void betweenCallsThereIsNothing() {
        tracker.begin();
        observer.look(1_000);
        tracker.end();
        assertThat(observer.look(9_000)).isZero();
        assertThat(observer.isSameCall()).isFalse();
    }

    @Test
    void timeSpentWaitingForKapacitorDoesNotCount() {
        tracker.begin();
        observer.look(1_000);
        tracker.waiting(true);
        assertThat(observer.look(5_000)).isZero();
        tracker.waiting(false);
        assertThat(observer.look(5_300)).isEqualTo(300);
    }

    @Test
    void theCallThatWasSeenIsInterrupted() {
        tracker.runBy(Thread.currentThread());
        tracker.begin();
        observer.look(1_000);
        assertThat(observer.interrupt()).isTrue();
        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void neitherTheNextCallNorTheNextUserOfItsThreadIsInterrupted() {
        tracker.runBy(Thread.currentThread());
        tracker.begin();
        observer.look(1_000);
        tracker.end();
        assertThat(observer.interrupt()).as("after it").isFalse();
        tracker.begin();
        assertThat(observer.interrupt()).as("in the next call").isFalse();
        tracker.end();
        tracker.runBy(null);
        assertThat(observer.interrupt()).as("by nobody's thread").isFalse();
        assertThat(Thread.interrupted()).isFalse();
    }
}
