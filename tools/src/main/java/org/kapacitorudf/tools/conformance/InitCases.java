package org.kapacitorudf.tools.conformance;

import static org.kapacitorudf.tools.conformance.Case.Needs.INFO;
import static org.kapacitorudf.tools.conformance.Case.Needs.INIT;
import static org.kapacitorudf.tools.conformance.Case.Needs.NOTHING;
import static org.kapacitorudf.tools.conformance.Case.may;
import static org.kapacitorudf.tools.conformance.Case.must;
import static org.kapacitorudf.tools.conformance.Case.should;

import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import org.kapacitorudf.client.Options;
import org.kapacitorudf.proto.InfoResponse;
import org.kapacitorudf.proto.InitResponse;
import org.kapacitorudf.proto.Option;
import org.kapacitorudf.proto.Request;
import org.kapacitorudf.proto.Response.MessageCase;
import org.kapacitorudf.proto.ValueType;

/** What the agent is asked before data comes. */
final class InitCases {
    private static final int TIMES = 3;
    private static final String HANGS =
            "Kapacitor waits for the answer to Init; a wrong option must not cost more than its task.";

    private InitCases() {}

    static List<Case> all() {
        return List.of(
                must(
                        "info",
                        NOTHING,
                        "Info is answered within the timeout.",
                        "Kapacitor asks each function at its start, and does not start if one does not answer.",
                        InitCases::info),
                must(
                        "info-then-end",
                        INFO,
                        "Info alone, then the end of the input: the output ends.",
                        "So each function is opened at Kapacitor's start. It waits for the end without a limit.",
                        probe -> {
                            AgentConversation conversation = probe.open();
                            conversation.info();
                            conversation.finish();
                        }),
                should(
                        "info-repeated",
                        INFO,
                        "Info, " + TIMES + " times in one conversation, is answered each time, and the same.",
                        "Each request that was read is to be answered, once.",
                        InitCases::infoRepeated),
                must(
                        "nothing-then-end",
                        NOTHING,
                        "The input ends before anything was said: the output ends.",
                        "A Kapacitor that is stopped while it connects waits for that, as ever.",
                        probe -> probe.open().finish()),
                must(
                        "init",
                        INFO,
                        "Init with the options that were given succeeds.",
                        "The task does not start otherwise.",
                        InitCases::init),
                must(
                        "init-no-options",
                        INFO,
                        "Init without options is answered: with success, or not.",
                        HANGS,
                        probe -> {
                            probe.anyOption();
                            demandAnswer(probe, List.of());
                        }),
                must(
                        "init-unset-value",
                        INFO,
                        "Each option in turn has an argument without a value. Init is answered: with success, or not.",
                        "An argument that is no literal, a \"tag\" say, comes from Kapacitor as a BOOL without a value. "
                                + HANGS,
                        probe -> withEach(probe, InitCases::unset)),
                should(
                        "init-wrong-type",
                        INFO,
                        "Each option in turn has arguments of other types. Init is answered: with success, or not.",
                        "Kapacitor checks types against an Info that may be older than the agent. " + HANGS,
                        probe -> withEach(probe, InitCases::wrongType)),
                should(
                        "init-no-arguments",
                        INFO,
                        "Each option in turn has no argument. Init is answered: with success, or not.",
                        "As before: the number is checked against an Info that may be older. " + HANGS,
                        probe -> withEach(probe, (name, types) -> Options.of(name))),
                should(
                        "init-unknown-option",
                        INFO,
                        "Init has an option that the function has not. It is answered: with success, or not.",
                        "As before. " + HANGS,
                        probe -> demandAnswer(probe, probe.optionsWith(Options.of("noSuchOption", "x")))),
                should(
                        "init-refusal-text",
                        INFO,
                        "An Init that is refused (the first of: no options, an argument unset, of a wrong type, an unknown option) has a text.",
                        "The text is all that the user of the task gets to see.",
                        InitCases::refusalText),
                must(
                        "init-refused-then-end",
                        INFO,
                        "Behind an Init that was refused, the input ends: the output ends.",
                        "Kapacitor waits for that without a limit, as ever.",
                        InitCases::refusedThenEnd),
                may(
                        "init-twice",
                        INIT,
                        "A second Init is answered, or ends the conversation; then the input ends, and the output ends.",
                        "Kapacitor does not do that. But what waits for an answer has to get one.",
                        InitCases::twice),
                should(
                        "data-before-init",
                        INFO,
                        "Data arrives without an Init, then the input ends: the output ends, with an error or without.",
                        "Kapacitor does not do that. A program that does should not find an agent that hangs.",
                        InitCases::dataBeforeInit));
    }

    private static void info(Probe probe) {
        // Learned already, and so the reason is known.
        if (probe.profile().info() == null) {
            throw new CaseFailure(probe.profile().problem());
        }
        InfoResponse info = probe.profile().info();
        probe.note("wants " + info.getWants() + ", provides " + info.getProvides());
    }

    private static void infoRepeated(Probe probe) {
        AgentConversation conversation = probe.open();
        InfoResponse first = conversation.info();
        for (int i = 1; i < TIMES; i++) {
            if (!conversation.info().equals(first)) {
                throw new CaseFailure("Info was answered otherwise the " + (i + 1) + ". time");
            }
        }
    }

    private static void init(Probe probe) {
        if (probe.profile().reached() == INFO) {
            throw new CaseFailure(probe.profile().problem());
        }
    }

    private static InitResponse demandAnswer(Probe probe, List<Option> options) {
        try (AgentConversation conversation = probe.open()) {
            return conversation.init(options);
        }
    }

    private static void withEach(Probe probe, Variant variant) {
        probe.anyOption();
        changed(probe, variant).forEach(options -> demandAnswer(probe, options));
    }

    private interface Variant {
        Option of(String name, List<ValueType> types);
    }

    /** The options that are given, with each that there is changed in turn. */
    private static Stream<List<Option>> changed(Probe probe, Variant variant) {
        return probe.profile().info().getOptionsMap().entrySet().stream()
                .map(option -> probe.optionsWith(
                        variant.of(option.getKey(), option.getValue().getValueTypesList())));
    }

    private static Option unset(String name, List<ValueType> types) {
        return Options.of(name, new Object[types.size()]);
    }

    private static Option wrongType(String name, List<ValueType> types) {
        return Options.of(
                name,
                types.stream()
                        .map(type -> type == ValueType.STRING ? (Object) 1L : "x")
                        .toArray());
    }

    /** A conversation in which Init was refused, and what was said. */
    private record Refusal(AgentConversation conversation, InitResponse answer) {}

    private static Refusal refusal(Probe probe) {
        Function<Variant, Stream<List<Option>>> each = variant -> changed(probe, variant);
        Stream<List<Option>> tries = Stream.of(
                        Stream.of(List.<Option>of()),
                        each.apply(InitCases::unset),
                        each.apply(InitCases::wrongType),
                        Stream.of(probe.optionsWith(Options.of("noSuchOption", "x"))))
                .flatMap(Function.identity());
        Optional<Refusal> refusal = tries.map(options -> tryInit(probe, options))
                .flatMap(Optional::stream)
                .findFirst();
        return refusal.orElseThrow(() -> new NotApplicable("it refuses none of them"));
    }

    private static Optional<Refusal> tryInit(Probe probe, List<Option> options) {
        AgentConversation conversation = probe.open();
        try {
            InitResponse answer = conversation.init(options);
            if (!answer.getSuccess()) {
                return Optional.of(new Refusal(conversation, answer));
            }
        } catch (CaseFailure e) {
            // Other cases say so.
        }
        conversation.close();
        return Optional.empty();
    }

    private static void refusalText(Probe probe) {
        Refusal refusal = refusal(probe);
        if (refusal.answer().getError().isBlank()) {
            throw new CaseFailure("Init was refused without a text");
        }
        probe.note("\"" + refusal.answer().getError() + "\"");
    }

    private static void refusedThenEnd(Probe probe) {
        refusal(probe).conversation().finishOrFail();
    }

    private static void twice(Probe probe) {
        AgentConversation conversation = probe.started();
        conversation.send(AgentConversation.initRequest("task", probe.profile().options()));
        boolean said = conversation
                .exchange()
                .await(
                        () -> conversation.exchange().count(MessageCase.INIT) >= 2
                                || conversation.exchange().error().isPresent()
                                || conversation.exchange().ended(),
                        probe.plan().timeout());
        if (!said) {
            throw conversation.failure("the second Init was not answered");
        }
        conversation.finishOrFail();
    }

    private static void dataBeforeInit(Probe probe) {
        AgentConversation conversation = probe.open();
        for (Request request : probe.feed().sample()) {
            try {
                conversation.exchange().send(List.of(request));
            } catch (java.io.IOException e) {
                // It has ended the conversation, which is one way to say no.
                break;
            }
        }
        conversation.finishOrFail();
    }
}
