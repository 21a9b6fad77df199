package org.kapacitorudf.internal.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.kapacitorudf.internal.host.Answer;
import org.kapacitorudf.internal.host.Work;

final class UnansweredRequestsTest {
    private static final Answer OF_HANDLER = new Answer.Outcome("of the handler");

    private record Sent(Work.Request request, Answer answer) {}

    private final List<Sent> sent = new ArrayList<>();
    private boolean isMemoryShort;
    private final UnansweredRequests pending = new UnansweredRequests(this::send);
    private final Work.Request first = new Work.Snapshot();
    private final Work.Request second = new Work.Snapshot();

    private void send(Work.Request request, Answer answer) {
        if (isMemoryShort) {
            throw new OutOfMemoryError("made up");
        }
        sent.add(new Sent(request, answer));
    }

    @Test
    void eachRequestIsAnsweredOnceAlthoughRequestsAreEqual() {
        assertThat(pending.add(first)).isEqualTo(1);
        assertThat(pending.add(second)).isEqualTo(2);
        pending.answer(second, OF_HANDLER);
        pending.answer(second, OF_HANDLER);
        pending.answer(first, OF_HANDLER);
        assertThat(sent).hasSize(2);
        assertThat(sent.get(0).request()).isSameAs(second);
        assertThat(sent.get(1).request()).isSameAs(first);
    }

    @Test
    void afterAFailureTheHandlersAnswersAreDroppedAndAllThatWaitAreTakenOnce() {
        pending.add(first);
        pending.endHandlersAnswers();
        pending.answer(first, OF_HANDLER);
        assertThat(sent).isEmpty();
        assertThat(pending.takeAll()).containsExactly(first);
        assertThat(pending.takeAll()).isEmpty();
    }

    @Test
    void aRequestWhoseAnswerCannotBeSentStillWaits() {
        pending.add(first);
        isMemoryShort = true;
        assertThatThrownBy(() -> pending.answer(first, OF_HANDLER)).isInstanceOf(OutOfMemoryError.class);
        isMemoryShort = false;
        assertThat(pending.takeAll()).containsExactly(first);
    }
}
