package org.kapacitorudf.tools.conformance;

import static org.kapacitorudf.tools.conformance.Case.Needs.INFO;
import static org.kapacitorudf.tools.conformance.Case.Needs.INIT;
import static org.kapacitorudf.tools.conformance.Case.Needs.SAME_OUTPUT;
import static org.kapacitorudf.tools.conformance.Case.must;

import java.util.ArrayList;
import java.util.List;
import org.kapacitorudf.proto.Response.MessageCase;

/** Cases with many sessions on one server. */
final class ConnectionCases {
    private static final int AT_ONCE = 100;
    private static final int CHURN = 300;

    private ConnectionCases() {}

    static List<Case> all() {
        return List.of(
                must(
                        "connections-at-once",
                        SAME_OUTPUT,
                        AT_ONCE
                                + " connections at the same time, each with Init and the sample: each must get its own output.",
                        "Each use of a function in a task is a connection.",
                        ConnectionCases::atOnce),
                must(
                        "connections-churn",
                        INIT,
                        CHURN
                                + " connections one after the other, closed before the first message, after Init, or in order: the next one must work.",
                        "Tasks are started and stopped for months; each start of Kapacitor opens one more connection for Info.",
                        ConnectionCases::churn),
                must(
                        "connections-independent",
                        SAME_OUTPUT,
                        "Other connections that send noise, or break in the middle of a frame, must not disturb a connection.",
                        "A problem of one task must not affect another one.",
                        ConnectionCases::independent),
                must(
                        "connections-silent",
                        INFO,
                        "While one connection is idle, another one must be served.",
                        "A Kapacitor that hangs, or a forgotten tool, must not block others.",
                        ConnectionCases::silent));
    }

    private static void atOnce(Probe probe) {
        probe.onlySockets();
        List<AgentConversation> talks = new ArrayList<>();
        for (int i = 0; i < AT_ONCE; i++) {
            talks.add(probe.open());
        }
        talks.forEach(conversation -> conversation.send(
                AgentConversation.initRequest("task", probe.profile().options())));
        talks.forEach(conversation -> conversation.awaitAnswer(MessageCase.INIT, 1));
        talks.forEach(conversation -> conversation.send(probe.feed().sample()));
        talks.forEach(conversation -> {
            conversation.keepalive();
            conversation.awaitData(probe.profile().early().messages());
        });
        talks.forEach(AgentConversation::endInput);
        for (AgentConversation conversation : talks) {
            conversation.awaitEnd();
            Probe.demandSame(
                    "one of " + AT_ONCE + " connections",
                    conversation,
                    probe.profile().output());
        }
    }

    private static void churn(Probe probe) {
        probe.onlySockets();
        for (int i = 0; i < CHURN; i++) {
            try (AgentConversation conversation = i % 3 == 0 ? probe.open() : probe.started()) {
                if (i % 3 == 2) {
                    conversation.keepalive();
                    conversation.finish();
                }
                conversation.drop();
            } catch (CaseFailure e) {
                throw new CaseFailure("connection " + (i + 1) + ": " + e.getMessage());
            }
        }
        AgentConversation last = probe.started();
        last.keepalive();
        last.finish();
    }

    private static void independent(Probe probe) throws Exception {
        probe.onlySockets();
        AgentConversation good = probe.started();
        good.keepalive();
        try (AgentConversation noisy = probe.started()) {
            noisy.write(MalformedCases.GARBAGE);
            noisy.endInput();
            noisy.exchange().await(noisy.exchange()::ended, probe.plan().timeout());
        }
        try (AgentConversation broken = probe.started()) {
            broken.write(new byte[] {100, 1});
            broken.exchange().drop();
        }
        good.send(probe.feed().sample());
        good.keepalive();
        good.awaitData(probe.profile().early().messages());
        good.finish();
        Probe.demandSame(
                "in parallel with broken connections", good, probe.profile().output());
    }

    private static void silent(Probe probe) {
        probe.onlySockets();
        probe.open();
        probe.open().info();
    }
}
