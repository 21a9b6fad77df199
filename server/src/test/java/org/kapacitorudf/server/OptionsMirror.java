package org.kapacitorudf.server;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.kapacitorudf.Context;
import org.kapacitorudf.Description;
import org.kapacitorudf.Handler;
import org.kapacitorudf.Udf;
import org.kapacitorudf.errors.UdfException;
import org.kapacitorudf.option.Argument;
import org.kapacitorudf.option.Arguments;
import org.kapacitorudf.option.FlagOption;
import org.kapacitorudf.option.Option;

/** The mirror of the recordings, with every type of option; it starts only with the recorded values. */
public final class OptionsMirror implements Udf {
    static final String NAME = "options";

    private static final Option<Optional<Boolean>> B = Option.bool("b");
    private static final Option<Optional<Long>> I = Option.integer("i");
    private static final Option<Optional<Double>> D = Option.number("d");
    private static final Option<List<String>> S = Option.string("s").repeated();
    private static final Option<Optional<Duration>> DUR = Option.duration("dur");
    private static final Argument<String> TEXT = Argument.string("text");
    private static final Argument<Long> NUMBER = Argument.integer("number");
    private static final Argument<Double> SHARE = Argument.number("share");
    private static final Option<Optional<Arguments>> MULTI = Option.tuple("multi", TEXT, NUMBER, SHARE);
    private static final FlagOption FLAG = Option.flag("none");

    private static final List<Object> RECORDED = List.of(
            Optional.of(true),
            Optional.of(-42L),
            Optional.of(2.5),
            List.of("größe", "second"),
            Optional.of(Duration.ofSeconds(90)),
            Optional.of(List.of("x", 7L, 0.25)),
            true);
    private static final List<Object> NOTHING = List.of(
            Optional.empty(), Optional.empty(), Optional.empty(), List.of(), Optional.empty(), Optional.empty(), false);

    @Override
    public Description describe() {
        return Description.stream(NAME, "returns every point unchanged").options(B, I, D, S, DUR, MULTI, FLAG);
    }

    @Override
    public Handler create(Context context) {
        List<Object> given = List.of(
                context.option(B),
                context.option(I),
                context.option(D),
                context.option(S),
                context.option(DUR),
                context.option(MULTI)
                        .map(multi -> List.<Object>of(multi.get(TEXT), multi.get(NUMBER), multi.get(SHARE))),
                context.option(FLAG));
        List<Object> expected = context.taskId().equals("opt") ? RECORDED : NOTHING;
        if (!given.equals(expected)) {
            throw new UdfException("options: " + given + " (expected: " + expected + ")");
        }
        return (point, output) -> output.point(point);
    }
}
