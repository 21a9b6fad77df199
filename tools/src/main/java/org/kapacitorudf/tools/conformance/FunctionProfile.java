package org.kapacitorudf.tools.conformance;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.kapacitorudf.client.Options;
import org.kapacitorudf.client.RawKapacitor;
import org.kapacitorudf.proto.EdgeType;
import org.kapacitorudf.proto.InfoResponse;
import org.kapacitorudf.proto.InitResponse;
import org.kapacitorudf.proto.Option;
import org.kapacitorudf.proto.OptionInfo;

/**
 * What is known about the function before it is tested: its description, and its output for the sample.
 *
 * @param info the answer to Info; the default instance if the function did not answer
 * @param reached the last step that worked
 * @param problem why the agent did not get further than {@code reached}; empty if all steps worked
 * @param options the options for Init
 * @param early the output for the sample before the input ended
 * @param output the complete output for the sample
 * @param snapshotProblem why the function returned no snapshot after the sample; null if it returned one
 */
record FunctionProfile(
        InfoResponse info,
        Case.Needs reached,
        String problem,
        List<Option> options,
        RawKapacitor.Data early,
        RawKapacitor.Data output,
        @Nullable String snapshotProblem) {
    private static final RawKapacitor.Data NONE = new RawKapacitor.Data(0, 0);

    /** The profile of an agent that could not be queried. */
    static FunctionProfile unknown(String problem) {
        return stopped(InfoResponse.getDefaultInstance(), Case.Needs.NOTHING, problem, List.of());
    }

    private static FunctionProfile stopped(
            InfoResponse info, Case.Needs reached, String problem, List<Option> options) {
        return new FunctionProfile(info, reached, problem, options, NONE, NONE, null);
    }

    /** Learns the profile. Each step uses a separate session. */
    static FunctionProfile learn(Probe probe) {
        InfoResponse info;
        try (AgentConversation conversation = probe.open()) {
            info = conversation.info();
        } catch (CaseFailure e) {
            return unknown(e.getMessage());
        }
        List<Option> options = List.of();
        try (AgentConversation conversation = probe.open()) {
            options = options(probe.plan().options(), info);
            InitResponse answer = conversation.init(options);
            if (!answer.getSuccess()) {
                throw new CaseFailure("Init was refused: \"" + answer.getError() + "\"; " + signatures(info)
                        + " (set them with --option name=value)");
            }
        } catch (CaseFailure e) {
            return stopped(info, Case.Needs.INFO, e.getMessage(), options);
        }
        SampleData data = new SampleData(info.getWants(), probe.plan().input());
        try {
            Outcome first = Outcome.of(probe, options, data);
            Outcome second = Outcome.of(probe, options, data);
            String snapshotProblem = snapshotProblem(probe, options, data);
            if (!first.all.equals(second.all)) {
                String problem = "its output for the same data was different in a second run";
                return new FunctionProfile(info, Case.Needs.BATCHES, problem, options, NONE, NONE, snapshotProblem);
            }
            RawKapacitor.Data early = first.early.messages() < second.early.messages() ? first.early : second.early;
            return new FunctionProfile(info, Case.Needs.SAME_OUTPUT, "", options, early, first.all, snapshotProblem);
        } catch (CaseFailure e) {
            String problem = "it does not accept the data: " + e.getMessage() + " (use --input for other points)";
            return stopped(info, Case.Needs.INIT, problem, options);
        }
    }

    /** The output for the sample: what arrived before the input ended, and all of it. */
    private record Outcome(RawKapacitor.Data early, RawKapacitor.Data all) {
        static Outcome of(Probe probe, List<Option> options, SampleData data) {
            try (AgentConversation conversation = probe.open()) {
                conversation.init(options);
                conversation.send(data.sample());
                conversation.keepalive();
                conversation.awaitQuiet();
                RawKapacitor.Data early = conversation.exchange().data();
                conversation.finish();
                return new Outcome(early, conversation.exchange().data());
            }
        }
    }

    private static @Nullable String snapshotProblem(Probe probe, List<Option> options, SampleData data) {
        try (AgentConversation conversation = probe.open()) {
            conversation.init(options);
            conversation.send(data.sample());
            conversation.keepalive();
            conversation.snapshot();
            return null;
        } catch (CaseFailure e) {
            return e.getMessage();
        }
    }

    /** Why a case cannot be run; null if it can. */
    @Nullable
    String obstacle(Case.Needs needs) {
        if (needs.compareTo(reached) > 0) {
            return problem;
        }
        return needs == Case.Needs.BATCHES && info.getWants() != EdgeType.BATCH
                ? "a function of streams, which gets no batches from Kapacitor"
                : null;
    }

    private static List<Option> options(List<String> nameValues, InfoResponse info) {
        List<Option> options = new ArrayList<>();
        for (String nameValue : nameValues) {
            String name = nameValue.substring(0, nameValue.indexOf('='));
            OptionInfo declared = info.getOptionsMap().get(name);
            if (declared == null) {
                throw new CaseFailure("option " + name + ": it has no such option; " + signatures(info));
            }
            try {
                options.add(Options.parse(name, nameValue.substring(name.length() + 1), declared.getValueTypesList()));
            } catch (IllegalArgumentException e) {
                throw new CaseFailure(e);
            }
        }
        return options;
    }

    private static String signatures(InfoResponse info) {
        Map<String, String> signatures = new TreeMap<>();
        info.getOptionsMap()
                .forEach((name, option) -> signatures.put(
                        name,
                        option.getValueTypesList().stream()
                                .map(Enum::name)
                                .collect(Collectors.joining(", ", "(", ")"))));
        return signatures.isEmpty()
                ? "it has no options"
                : "its options are "
                        + signatures.entrySet().stream()
                                .map(entry -> entry.getKey() + entry.getValue())
                                .collect(Collectors.joining(", "));
    }
}
