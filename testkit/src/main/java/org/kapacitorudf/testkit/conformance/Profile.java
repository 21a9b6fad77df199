package org.kapacitorudf.testkit.conformance;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.kapacitorudf.proto.EdgeType;
import org.kapacitorudf.proto.InfoResponse;
import org.kapacitorudf.proto.InitResponse;
import org.kapacitorudf.proto.Option;
import org.kapacitorudf.proto.OptionInfo;
import org.kapacitorudf.testkit.Exchange;
import org.kapacitorudf.testkit.Options;

/**
 * What is known of the function before it is tested: what it says of itself, and what it gives for the sample.
 *
 * @param info null if it did not answer
 * @param problem why it is not known how it goes on behind {@link #reached}; null if nothing is in the way
 * @param reached the last that worked
 * @param options those for Init
 * @param early what had come of the sample before the input ended
 * @param output all that came of the sample
 */
record Profile(
        InfoResponse info,
        Case.Needs reached,
        String problem,
        List<Option> options,
        Exchange.Data early,
        Exchange.Data output) {
    private static final Exchange.Data NONE = new Exchange.Data(0, 0);

    /** Of an agent that could not be asked. */
    static Profile unknown(String problem) {
        return new Profile(null, Case.Needs.NOTHING, problem, List.of(), NONE, NONE);
    }

    /** Asks and tries, each on a use of its own. */
    static Profile learn(Probe probe) throws Exception {
        InfoResponse info = null;
        List<Option> options = List.of();
        try {
            try (Talk talk = probe.open()) {
                info = talk.info();
            }
        } catch (CaseFailure e) {
            return unknown(e.getMessage());
        }
        try {
            options = options(probe.plan().options(), info);
            try (Talk talk = probe.open()) {
                InitResponse answer = talk.init(options);
                if (!answer.getSuccess()) {
                    throw new CaseFailure("Init was refused: \"" + answer.getError() + "\"; " + signatures(info)
                            + " (give them with --option name=value)");
                }
            }
        } catch (CaseFailure e) {
            return new Profile(info, Case.Needs.INFO, e.getMessage(), options, NONE, NONE);
        }
        Profile started = new Profile(info, Case.Needs.INIT, null, options, NONE, NONE);
        try {
            Profile first = started.tryData(probe);
            Profile second = started.tryData(probe);
            return first.output.equals(second.output)
                    ? new Profile(
                            info,
                            Case.Needs.SAME_OUTPUT,
                            null,
                            options,
                            first.early.messages() < second.early.messages() ? first.early : second.early,
                            first.output)
                    : new Profile(
                            info,
                            Case.Needs.BATCHES,
                            "it gave something else for the same data in a second run",
                            options,
                            NONE,
                            NONE);
        } catch (CaseFailure e) {
            return new Profile(
                    info,
                    Case.Needs.INIT,
                    "it does not take the data: " + e.getMessage() + " (--input gives it other points)",
                    options,
                    NONE,
                    NONE);
        }
    }

    private Profile tryData(Probe probe) throws Exception {
        try (Talk talk = probe.open()) {
            talk.init(options);
            talk.send(new Feed(info.getWants(), probe.plan().input()).sample());
            talk.keepalive();
            talk.awaitQuiet();
            Exchange.Data before = talk.exchange().data();
            talk.finish();
            return new Profile(
                    info, reached, null, options, before, talk.exchange().data());
        }
    }

    /** Why a case cannot be tried; null if it can. */
    String obstacle(Case.Needs needs) {
        if (needs == Case.Needs.NOTHING) {
            return null;
        }
        boolean isThere = needs.compareTo(reached) <= 0;
        if (!isThere) {
            return problem;
        }
        return needs == Case.Needs.BATCHES && info.getWants() != EdgeType.BATCH
                ? "a function of streams: Kapacitor sends it no batches"
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
                throw new CaseFailure(e.getMessage());
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
