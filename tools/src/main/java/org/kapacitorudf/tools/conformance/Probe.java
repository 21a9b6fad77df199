package org.kapacitorudf.tools.conformance;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.kapacitorudf.client.RawKapacitor;
import org.kapacitorudf.proto.InitResponse;
import org.kapacitorudf.proto.Option;
import org.kapacitorudf.proto.Request;

/**
 * The environment of a case: it opens sessions, and knows the function. Closing the environment closes its sessions.
 *
 * <p>Threading: used only on the thread of its case; {@link #abort} is safe for use by any thread.
 */
final class Probe implements AutoCloseable {
    private final AgentUnderTest agent;
    private final CheckPlan plan;
    private final FunctionProfile profile;
    private final List<AgentConversation> talks = new CopyOnWriteArrayList<>();
    private volatile boolean closed;
    private String note = "";

    /** @param profile null while the profile is being learned */
    Probe(AgentUnderTest agent, CheckPlan plan, FunctionProfile profile) {
        this.agent = agent;
        this.plan = plan;
        this.profile = profile;
    }

    CheckPlan plan() {
        return plan;
    }

    FunctionProfile profile() {
        return profile;
    }

    SampleData feed() {
        return new SampleData(profile.info().getWants(), plan.input());
    }

    /** Adds a remark to a case that passes. */
    void note(String text) {
        note = text;
    }

    String note() {
        return note;
    }

    boolean isProcess() {
        return agent.isProcess();
    }

    void onlySockets() {
        if (isProcess()) {
            throw new NotApplicable("a process has only one session");
        }
    }

    void onlyProcesses() {
        if (!isProcess()) {
            throw new NotApplicable("a server keeps running");
        }
    }

    /**
     * Skips the case, as not applicable, if the function returns no snapshot. For cases that need snapshots but do not
     * test them.
     */
    void onlyWithSnapshots() {
        if (profile.snapshotProblem() != null) {
            throw new NotApplicable("it returns no snapshot, see the case with that name");
        }
    }

    /**
     * Returns how often to repeat a step: the first number for a server, the second one for a process, because starting
     * a process costs more than opening a connection.
     */
    int times(int connections, int processes) {
        return isProcess() ? processes : connections;
    }

    /** Opens a session; nothing has been sent on it yet. */
    AgentConversation open() {
        RawKapacitor kapacitor;
        try {
            kapacitor = agent.open(plan.timeout());
        } catch (IOException e) {
            throw new CaseFailure(e);
        }
        AgentConversation conversation = new AgentConversation(kapacitor, plan.timeout());
        talks.add(conversation);
        if (closed) {
            conversation.drop();
        }
        return conversation;
    }

    /** Opens a session and starts the function. */
    AgentConversation started() {
        AgentConversation conversation = open();
        InitResponse answer = conversation.init(profile.options());
        if (!answer.getSuccess()) {
            throw new CaseFailure("Init was refused, but accepted before: \"" + answer.getError() + "\"");
        }
        return conversation;
    }

    /** Sends data as Kapacitor does, ends the input when no more output arrives, and returns the output. */
    RawKapacitor.Data outputOf(Collection<Request> data) {
        try (AgentConversation conversation = started()) {
            conversation.send(data);
            conversation.keepalive();
            conversation.finishQuietly();
            return conversation.exchange().data();
        }
    }

    /** Fails unless the output is the same as in another run. */
    static void demandSame(String how, AgentConversation conversation, RawKapacitor.Data expected) {
        RawKapacitor.Data data = conversation.exchange().data();
        if (data.messages() != expected.messages()) {
            throw new CaseFailure(
                    how + ": " + data.messages() + " messages of output (expected: " + expected.messages() + ")");
        }
        if (!data.equals(expected)) {
            throw new CaseFailure(
                    how + ": different output with the same number of messages (expected: the same as before)");
        }
    }

    /** Returns a non-empty snapshot, taken after the sample. The case does not apply if there is none. */
    ByteString fullSnapshot() {
        onlyWithSnapshots();
        try (AgentConversation conversation = started()) {
            conversation.send(feed().sample());
            conversation.keepalive();
            conversation.awaitData(profile.early().messages());
            ByteString snapshot = conversation.snapshot();
            if (snapshot.isEmpty()) {
                throw new NotApplicable("it keeps no state: its snapshot is empty after data");
            }
            return snapshot;
        }
    }

    /**
     * Returns the name of an option that the function declares. The case does not apply if the function has no options.
     */
    String anyOption() {
        return profile.info().getOptionsMap().keySet().stream()
                .sorted()
                .findFirst()
                .orElseThrow(() -> new NotApplicable("it has no options"));
    }

    /** Returns the options for Init, with one of them changed. */
    List<Option> optionsWith(Option changed) {
        List<Option> options = new java.util.ArrayList<>(profile.options());
        options.removeIf(option -> option.getName().equals(changed.getName()));
        options.add(changed);
        return options;
    }

    /** Closes all sessions without waiting for the agent. A session that is opened afterwards is closed at once. */
    void abort() {
        closed = true;
        talks.forEach(AgentConversation::drop);
    }

    @Override
    public void close() {
        talks.forEach(AgentConversation::close);
        abort();
    }
}
