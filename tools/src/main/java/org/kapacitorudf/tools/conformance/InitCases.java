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

/** Cases about the requests before the data. */
final class InitCases {
    private static final int TIMES = 3;
    private static final String HANGS =
            "Kapacitor waits for the answer to Init; a wrong option must affect only its task.";

    private InitCases() {}

    static List<Case> all() {
        return List.of(
                must(
                        "info",
                        NOTHING,
                        "Info is answered within the timeout.",
                        "Kapacitor queries each function at startup, and does not start if one does not answer.",
                        InitCases::info),
                must(
                        "info-then-end",
                        INFO,
                        "Only Info, then the end of the input: the output must end.",
                        "Each function is opened like this at Kapacitor's startup. It waits for the end without a limit.",
                        probe -> {
                            AgentConversation conversation = probe.open();
                            conversation.info();
                            conversation.finish();
                        }),
                should(
                        "info-repeated",
                        INFO,
                        "Info, " + TIMES + " times in one session, is answered each time, with the same answer.",
                        "Each request must be answered exactly once.",
                        InitCases::infoRepeated),
                must(
                        "nothing-then-end",
                        NOTHING,
                        "The input ends before the first message: the output must end.",
                        "A Kapacitor that is stopped while it connects waits for this without a limit.",
                        probe -> probe.open().finish()),
                must(
                        "init",
                        INFO,
                        "Init with the given options succeeds.",
                        "Otherwise the task does not start.",
                        InitCases::init),
                must(
                        "init-no-options",
                        INFO,
                        "Init without options is answered, successfully or not.",
                        HANGS,
                        probe -> {
                            probe.anyOption();
                            demandAnswer(probe, List.of());
                        }),
                must(
                        "init-unset-value",
                        INFO,
                        "Each option in turn has an argument without a value. Init is answered, successfully or not.",
                        "An argument that is not a literal, such as a \"tag\", is sent by Kapacitor as a BOOL without a value. "
                                + HANGS,
                        probe -> withEach(probe, InitCases::unset)),
                should(
                        "init-wrong-type",
                        INFO,
                        "Each option in turn has arguments of other types. Init is answered, successfully or not.",
                        "Kapacitor checks types against an Info that may be older than the agent. " + HANGS,
                        probe -> withEach(probe, InitCases::wrongType)),
                should(
                        "init-no-arguments",
                        INFO,
                        "Each option in turn has no argument. Init is answered, successfully or not.",
                        "As above: the number is checked against an Info that may be older. " + HANGS,
                        probe -> withEach(probe, (name, types) -> Options.of(name))),
                should(
                        "init-unknown-option",
                        INFO,
                        "Init has an option that the function does not have. It is answered, successfully or not.",
                        "As above. " + HANGS,
                        probe -> demandAnswer(probe, probe.optionsWith(Options.of("noSuchOption", "x")))),
                should(
                        "init-refusal-text",
                        INFO,
                        "A refused Init (the first of: no options, an argument without a value, a wrong type, an unknown option) has a text.",
                        "The text is all that the user of the task sees.",
                        InitCases::refusalText),
                must(
                        "init-refused-then-end",
                        INFO,
                        "The input ends after a refused Init: the output must end.",
                        "Kapacitor waits for this without a limit.",
                        InitCases::refusedThenEnd),
                may(
                        "init-twice",
                        INIT,
                        "A second Init is answered, or ends the session; then the input ends, and the output must end.",
                        "Kapacitor does not do this. But every request that waits for an answer must get one.",
                        InitCases::twice),
                should(
                        "data-before-init",
                        INFO,
                        "Data arrives without an Init, then the input ends: the output must end, with or without an error.",
                        "Kapacitor does not do this. A program that does should not make the agent hang.",
                        InitCases::dataBeforeInit));
    }

    private static void info(Probe probe) {
        // Info was requested when the profile was learned; if that failed, the profile contains the reason.
        if (probe.profile().reached() == Case.Needs.NOTHING) {
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
                throw new CaseFailure("Info was answered differently the " + (i + 1) + ". time");
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

    /** Returns, for each option that the function declares, the options for Init with that option changed. */
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

    /** A session in which Init was rejected, and the answer. */
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
            // Other cases check whether Init is answered.
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
                // The agent has ended the session, which is one way to refuse.
                break;
            }
        }
        conversation.finishOrFail();
    }
}
