package org.kapacitorudf.testkit.conformance;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.kapacitorudf.proto.InitResponse;
import org.kapacitorudf.proto.Option;
import org.kapacitorudf.proto.Request;
import org.kapacitorudf.testkit.Exchange;

/**
 * What a case works with: it opens conversations, and knows the function. All that it opened ends with it.
 *
 * <p>Threading: the thread of its case; {@link #abort} for any.
 */
final class Probe implements AutoCloseable {
    private final Candidate candidate;
    private final Plan plan;
    private final Profile profile;
    private final List<Talk> talks = new CopyOnWriteArrayList<>();
    private volatile boolean closed;
    private String note = "";

    /** @param profile null while it is being made */
    Probe(Candidate candidate, Plan plan, Profile profile) {
        this.candidate = candidate;
        this.plan = plan;
        this.profile = profile;
    }

    Plan plan() {
        return plan;
    }

    Profile profile() {
        return profile;
    }

    Feed feed() {
        return new Feed(profile.info().getWants(), plan.input());
    }

    /** Says something about a case that passes. */
    void note(String text) {
        note = text;
    }

    String note() {
        return note;
    }

    boolean isProcess() {
        return candidate.isProcess();
    }

    void onlySockets() {
        if (isProcess()) {
            throw new NotApplicable("a process has one conversation");
        }
    }

    void onlyProcesses() {
        if (!isProcess()) {
            throw new NotApplicable("a server goes on");
        }
    }

    /** Where the snapshot is not what is tried. */
    void onlyWithSnapshots() {
        if (profile.snapshotProblem() != null) {
            throw new NotApplicable("it gives no snapshot, see the case of that name");
        }
    }

    /** One of two numbers: a process costs more to start than a connection. */
    int times(int connections, int processes) {
        return isProcess() ? processes : connections;
    }

    /** A conversation in which nothing has been said. */
    Talk open() {
        Exchange exchange;
        try {
            exchange = candidate.open(plan.timeout());
        } catch (IOException e) {
            throw new CaseFailure(e.getMessage());
        }
        Talk talk = new Talk(exchange, plan.timeout());
        talks.add(talk);
        if (closed) {
            talk.drop();
        }
        return talk;
    }

    /** A conversation in which the function has been started. */
    Talk started() {
        Talk talk = open();
        InitResponse answer = talk.init(profile.options());
        if (!answer.getSuccess()) {
            throw new CaseFailure("Init was refused, which was taken before: \"" + answer.getError() + "\"");
        }
        return talk;
    }

    /** What comes of some data when it is sent as Kapacitor does, and the input ends once no more comes. */
    Exchange.Data outputOf(Collection<Request> data) {
        try (Talk talk = started()) {
            talk.send(data);
            talk.keepalive();
            talk.finishQuietly();
            return talk.exchange().data();
        }
    }

    /** Demands that the same data came as in another run. */
    static void demandSame(String how, Talk talk, Exchange.Data expected) {
        Exchange.Data data = talk.exchange().data();
        if (data.messages() != expected.messages()) {
            throw new CaseFailure(
                    how + ": " + data.messages() + " messages of output (expected: " + expected.messages() + ")");
        }
        if (!data.equals(expected)) {
            throw new CaseFailure(how + ": another output, of as many messages (expected: the same as before)");
        }
    }

    /** A snapshot with something in it, taken after the sample. */
    ByteString fullSnapshot() {
        onlyWithSnapshots();
        try (Talk talk = started()) {
            talk.send(feed().sample());
            talk.keepalive();
            talk.awaitData(profile.early().messages());
            ByteString snapshot = talk.snapshot();
            if (snapshot.isEmpty()) {
                throw new NotApplicable("it keeps no state: its snapshot is empty after data");
            }
            return snapshot;
        }
    }

    /** An option that it declares. */
    String anyOption() {
        return profile.info().getOptionsMap().keySet().stream()
                .sorted()
                .findFirst()
                .orElseThrow(() -> new NotApplicable("it has no options"));
    }

    /** Those that are given, but one of them otherwise. */
    List<Option> optionsWith(Option changed) {
        List<Option> options = new java.util.ArrayList<>(profile.options());
        options.removeIf(option -> option.getName().equals(changed.getName()));
        options.add(changed);
        return options;
    }

    /** Ends all that is open, without regard to the agent; nothing more can be opened. */
    void abort() {
        closed = true;
        talks.forEach(Talk::drop);
    }

    @Override
    public void close() {
        talks.forEach(Talk::close);
        abort();
    }
}
