package org.kapacitorudf.functions;

import static org.kapacitorudf.functions.SharedOptions.AS;
import static org.kapacitorudf.functions.SharedOptions.EXPIRE;
import static org.kapacitorudf.functions.SharedOptions.FIELD;

import java.time.Duration;
import java.util.Map;
import org.kapacitorudf.Context;
import org.kapacitorudf.Description;
import org.kapacitorudf.Fields;
import org.kapacitorudf.Handler;
import org.kapacitorudf.Output;
import org.kapacitorudf.Point;
import org.kapacitorudf.Udf;
import org.kapacitorudf.errors.FieldException;
import org.kapacitorudf.functions.peers.Cohort;
import org.kapacitorudf.functions.peers.Comparison;
import org.kapacitorudf.option.Option;
import org.kapacitorudf.state.GroupState;

/**
 * Detects members of a group that differ from the other members. See {@link Comparison}.
 *
 * <p>Threading: as for {@link Udf}.
 *
 * <p>Errors: a point is skipped if it has no member tag or no finite number in the field, if its slot has already been
 * judged, or if its member is new and the group already has the maximum number of members.
 */
public final class Peers implements Udf {
    private static final Option<String> BY = Option.string("by")
            .orElse("host")
            .check(SharedOptions.A_NAME, SharedOptions::isName)
            .help("tag that names the member");
    private static final Option<Duration> ALIGN = Option.duration("align")
            .orElse(Duration.ofSeconds(10))
            .atLeast(Duration.ofMillis(1))
            .atMost(Duration.ofDays(1))
            .help("length of a slot, the interval of the points: values of the members in the same slot are compared");
    private static final Option<Double> TOLERANCE = Option.number("tolerance")
            .orElse(3)
            .moreThan(0)
            .atMost(1000)
            .help("limit as a multiple of the usual spread; widened depending on the number of members");
    private static final Option<Long> SLOTS = Option.integer("slots")
            .orElse(10)
            .atLeast(1)
            .atMost(1000)
            .help("number of slots over which a member is observed: it must be outside in most of them");
    private static final Option<Long> MIN_MEMBERS = Option.integer("minMembers")
            .orElse(4)
            .atLeast(3)
            .atMost(1000)
            .help("minimum number of members in a slot for a judgement");
    private static final Option<Long> MAX_MEMBERS = Option.integer("maxMembers")
            .orElse(1000)
            .atLeast(3)
            .atMost(100_000)
            .help("maximum number of members; points of further members are skipped");
    private static final Option<Duration> WARM_UP = Detector.warmUp(Duration.ZERO);
    private static final Option<Duration> QUIET = Detector.quiet(Duration.ofHours(12));

    @Override
    public Description describe() {
        return Description.stream("peers", "which member of a group differs from the others")
                .options(
                        FIELD,
                        AS,
                        BY,
                        ALIGN,
                        TOLERANCE,
                        SLOTS,
                        MIN_MEMBERS,
                        MAX_MEMBERS,
                        WARM_UP,
                        Detector.DIRECTION,
                        Detector.EMIT,
                        QUIET,
                        Detector.MIN,
                        Detector.MAX,
                        Detector.MIN_DEVIATION,
                        EXPIRE)
                .version(2, saved -> Cohort.migrate(saved.fields()))
                .notes("""
                        Group by tags that the members have in common, not by the tag <by>. A slot is judged when a point of the slot after the
                        next arrives. Then one point is emitted for each member that had a value in it, with the time of the slot, the group's
                        tags and the member's, the field (a double), and six more fields: expected (the median of all members), lower, upper,
                        score, anomaly, ready.
                        score is the mean over the last slots of the distance from expected, as a share of that to lower or upper. |score| >= 1
                        is unusual. anomaly is 1 (too high) or -1 (too low) at a point that alerts, else 0: it honours direction and quiet.
                        Ints and doubles are accepted. A point without the tag or the field, or with a string, a bool, a NaN or an infinity in
                        it, is skipped, counted and logged, and so is a point that is late by more than a slot. Of several values of a
                        member in one slot the last counts.""");
    }

    @Override
    public Handler create(Context context) {
        Comparison comparison = new Comparison(
                context.option(ALIGN).toNanos(),
                context.option(TOLERANCE),
                Math.toIntExact(context.option(SLOTS)),
                Math.toIntExact(context.option(MIN_MEMBERS)),
                Math.toIntExact(context.option(MAX_MEMBERS)),
                context.option(EXPIRE).toNanos(),
                Detector.policy(context, context.option(WARM_UP), context.option(QUIET)));
        return new Compare(
                new NumberField(context.option(FIELD)),
                context.option(BY),
                comparison,
                Detector.Emit.of(context),
                new Detector.Result(context.option(AS)),
                context.option(MAX_MEMBERS),
                context.groupState("cohort", Cohort.class, Cohort::new, SharedOptions.expiry(context.option(EXPIRE))),
                new SnapshotBudget(
                        context,
                        "members",
                        Cohort.snapshotBytes(context.option(WARM_UP).toSeconds() > 0),
                        "set a smaller .maxMembers()"));
    }

    private static final class Compare implements Handler {
        private static final long UNKNOWN = -1;

        private final NumberField field;
        private final String by;
        private final Comparison comparison;
        private final Detector.Emit emit;
        private final Detector.Result result;
        private final long maxMembers;
        private final GroupState<Cohort> groups;
        private final SnapshotBudget budget;

        /**
         * The number of members in all groups. The number is too high after a group has expired, until the members are
         * counted again.
         */
        private long members = UNKNOWN;

        Compare(
                NumberField field,
                String by,
                Comparison comparison,
                Detector.Emit emit,
                Detector.Result result,
                long maxMembers,
                GroupState<Cohort> groups,
                SnapshotBudget budget) {
            this.field = field;
            this.by = by;
            this.comparison = comparison;
            this.emit = emit;
            this.result = result;
            this.maxMembers = maxMembers;
            this.groups = groups;
            this.budget = budget;
        }

        @Override
        public void point(Point point, Output output) {
            String name = point.tag(by)
                    .orElseThrow(() -> new FieldException("tag \"" + by + "\": missing (expected: a member)"));
            double value = field.of(point);
            Cohort cohort = groups.of(point.group());
            int before = cohort.size();
            Comparison.Taken taken = comparison.take(
                    cohort, point.timeNanos(), name, value, (member, time, itsValue, judgement, changed) -> {
                        if (emit.emits(judgement, changed)) {
                            output.point(result.of(ofMember(point, member, time, itsValue), judgement));
                        }
                    });
            check(cohort.size() - before);
            switch (taken) {
                case TAKEN -> {}
                case LATE ->
                    throw new FieldException("time: " + point.timeNanos()
                            + " (expected: within a slot of the newest point of the group)");
                case AHEAD ->
                    throw new FieldException("time: " + point.timeNanos() + " (expected: at most "
                            + Comparison.MOST_AHEAD + " slots ahead of the other members)");
                case TOO_MANY ->
                    throw new FieldException(
                            "tag \"" + by + "\": '" + name + "' (expected: <= " + maxMembers + " members)");
            }
        }

        private void check(int more) {
            boolean isKnown = members != UNKNOWN;
            members += more;
            if (!isKnown || more > 0 && budget.isNear(members)) {
                members = 0;
                groups.forEach((group, cohort) -> members += cohort.size());
                budget.check(members);
            }
        }

        private Point ofMember(Point point, String member, long time, double value) {
            Map<String, String> tags = Groups.tags(point);
            tags.put(by, member);
            return point.withTimeNanos(time).withTags(tags).withFields(Fields.of(field.name(), value));
        }
    }
}
