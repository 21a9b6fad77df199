package org.kapacitorudf.internal.session;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.kapacitorudf.agent.Ending;

final class ShutdownTest {
    private static final long DEADLINE = 1_000_000_000;
    private static final long CALL_LIMIT = 3 * DEADLINE;

    private final List<String> steps = new ArrayList<>();
    private final Shutdown shutdown = new Shutdown(new Recorder(), DEADLINE, CALL_LIMIT);

    private final class Recorder implements Shutdown.Steps {
        @Override
        public void stateChanged() {}

        @Override
        public void endHandlersInput() {
            steps.add("end the handler's input");
        }

        @Override
        public void discardInput() {
            steps.add("discard");
        }

        @Override
        public void answerPending(String reason) {
            steps.add("answer: " + reason);
        }

        @Override
        public void sendError(String text) {
            steps.add("error: " + text);
        }

        @Override
        public void flush() {}

        @Override
        public void finishOutput() {
            steps.add("finish the output");
        }

        @Override
        public void close() {
            steps.add("close");
        }

        @Override
        public void handlerOverdue(long limitNanos) {
            steps.add("handler overdue: " + limitNanos / DEADLINE);
        }

        @Override
        public void inputOverdue(long limitNanos) {
            steps.add("input overdue");
        }

        @Override
        public void outputOverdue(long limitNanos) {
            steps.add("output overdue");
        }
    }

    private void fail() {
        assertThat(shutdown.claimFailure()).isTrue();
        shutdown.fail(Ending.FAILED, "why");
    }

    @Test
    void anInputThatEndsIsHandledThenTheOutputEndsThenTheConnection() {
        shutdown.started();
        shutdown.inputEnded();
        shutdown.inputEnded();
        assertThat(shutdown.isDiscarding()).isFalse();
        shutdown.handlerEnded();
        shutdown.outputEnded();
        assertThat(steps).containsExactly("end the handler's input", "finish the output", "close");
        shutdown.closed();
        assertThat(shutdown.ending()).isEqualTo(Ending.CLEAN);
    }

    @Test
    void aStopEndsTheOutputAndWaitsForTheEndOfTheInput() {
        shutdown.started();
        shutdown.stop();
        shutdown.stop();
        assertThat(shutdown.isDiscarding()).isTrue();
        shutdown.handlerEnded();
        shutdown.outputEnded();
        assertThat(shutdown.state()).isEqualTo(SessionState.OUTPUT_ENDED);
        shutdown.inputEnded();
        assertThat(steps)
                .containsExactly("end the handler's input", "discard", "finish the output", "discard", "close");
        shutdown.closed();
        assertThat(shutdown.ending()).isEqualTo(Ending.STOPPED);
    }

    @Test
    void afterAStopTheEndOfTheInputIsWaitedForForHalfASecond() {
        shutdown.started();
        shutdown.stop();
        shutdown.handlerEnded();
        shutdown.outputEnded();
        steps.clear();
        shutdown.tick(DEADLINE / 2, false);
        assertThat(steps).isEmpty();
        shutdown.tick(1, false);
        assertThat(steps).containsExactly("close");
    }

    @Test
    void aFailureAnswersThenTellsTheErrorAndEndsTheOutputOnceTheInputHasEnded() {
        shutdown.started();
        fail();
        assertThat(shutdown.claimFailure()).isFalse();
        assertThat(steps).containsExactly("answer: why", "error: why", "discard");
        shutdown.inputEnded();
        shutdown.outputEnded();
        shutdown.closed();
        assertThat(steps).endsWith("finish the output", "close");
        assertThat(shutdown.ending()).isEqualTo(Ending.FAILED);
    }

    @Test
    void aFailureAfterTheEndOfTheInputEndsTheOutputAtOnceAndTheHandlersEndDoesNotCount() {
        shutdown.started();
        shutdown.inputEnded();
        fail();
        shutdown.handlerEnded();
        assertThat(steps).containsExactly("end the handler's input", "answer: why", "error: why", "finish the output");
    }

    @Test
    void aFailureAfterTheOutputHasBegunToEndIsNotTold() {
        shutdown.started();
        shutdown.inputEnded();
        shutdown.handlerEnded();
        steps.clear();
        fail();
        assertThat(steps).isEmpty();
        assertThat(shutdown.ending()).isEqualTo(Ending.CLEAN);
    }

    @Test
    void aRefusalSendsNoErrorBecauseTheAnswerHasIt() {
        assertThat(shutdown.claimFailure()).isTrue();
        shutdown.refuse();
        assertThat(steps).containsExactly("answer: it was not started", "discard");
        assertThat(shutdown.ending()).isEqualTo(Ending.REFUSED);
    }

    @Test
    void eachStepHasTheDrainDeadlineInWhichOnlyTimeCountsThatNothingIsTaken() {
        shutdown.started();
        shutdown.inputEnded();
        steps.clear();
        shutdown.tick(DEADLINE, false);
        shutdown.tick(DEADLINE, true);
        shutdown.tick(DEADLINE, false);
        assertThat(steps).isEmpty();
        shutdown.tick(1, false);
        assertThat(steps).as("the limit of a call").containsExactly("handler overdue: 3");
        shutdown.handlerEnded();
        steps.clear();
        shutdown.tick(DEADLINE + 1, false);
        assertThat(steps).containsExactly("output overdue");
    }

    @Test
    void aHandlerThatDoesNotEndIsOverdueAfterTheDrainDeadline() {
        shutdown.started();
        shutdown.inputEnded();
        shutdown.tick(DEADLINE + 1, false);
        assertThat(steps).endsWith("handler overdue: 1");
    }

    @Test
    void anInputThatDoesNotEndAfterAnErrorIsNotWaitedForForEver() {
        shutdown.started();
        fail();
        steps.clear();
        shutdown.tick(DEADLINE + 1, false);
        shutdown.inputEnded();
        shutdown.outputEnded();
        assertThat(steps).containsExactly("input overdue", "finish the output", "close");
    }

    @Test
    void aPeerThatGoesAwayEndsItAtAnyTime() {
        shutdown.started();
        shutdown.closed();
        assertThat(shutdown.ending()).isEqualTo(Ending.PEER_GONE);
        assertThat(shutdown.isDiscarding()).isTrue();
        shutdown.inputEnded();
        shutdown.handlerEnded();
        shutdown.outputEnded();
        fail();
        assertThat(steps).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(names = {"GIVEN_UP", "FAILED"})
    void whatWasClosedByUsWasNotGone(Ending ending) {
        shutdown.started();
        shutdown.closing(ending);
        shutdown.stop();
        shutdown.closed();
        assertThat(shutdown.ending()).isEqualTo(ending);
    }
}
