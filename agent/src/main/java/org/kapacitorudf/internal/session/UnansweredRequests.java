package org.kapacitorudf.internal.session;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import org.kapacitorudf.internal.host.Answer;
import org.kapacitorudf.internal.host.Work.Request;

/**
 * The requests of one connection that wait for an answer. Each request is answered once, either by the handler or with
 * the reason why the handler no longer answers.
 *
 * <p>Threading: safe for use by any thread.
 */
final class UnansweredRequests {
    interface Sender {
        /**
         * Sends an answer. If this method throws an exception, the answer has not been sent, and the request still
         * waits.
         */
        void send(Request request, Answer answer);
    }

    private final Sender sender;

    @GuardedBy("this")
    private final Set<Request> waiting = Collections.newSetFromMap(new IdentityHashMap<>(1));

    @GuardedBy("this")
    private boolean isHandlerDone;

    UnansweredRequests(Sender sender) {
        this.sender = sender;
    }

    /** Adds a request; returns the number of waiting requests. */
    synchronized int add(Request request) {
        waiting.add(request);
        return waiting.size();
    }

    /**
     * Sends the handler's answer, if the request is still waiting and {@link #endHandlersAnswers} has not been called.
     */
    synchronized void answer(Request request, Answer answer) {
        if (!isHandlerDone && waiting.contains(request)) {
            // The order matters: a request whose answer cannot be sent still waits for an answer.
            sender.send(request, answer);
            waiting.remove(request);
        }
    }

    /**
     * Drops the handler's answers from now on. Called when the task has failed: its requests are answered with the
     * reason instead.
     */
    synchronized void endHandlersAnswers() {
        isHandlerDone = true;
    }

    /** Removes and returns all waiting requests. The caller must answer them. */
    synchronized List<Request> takeAll() {
        List<Request> all = List.copyOf(waiting);
        waiting.clear();
        return all;
    }
}
