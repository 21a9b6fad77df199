package org.kapacitorudf;

import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.kapacitorudf.errors.FailurePolicy;
import org.kapacitorudf.errors.NonFinite;
import org.kapacitorudf.internal.line.Tickscript;
import org.kapacitorudf.option.Option;
import org.kapacitorudf.state.Migration;

/**
 * Describes a function: its name, the edges it wants and provides, its options and its policies.
 *
 * <p>Immutable: each method returns a changed copy. Safe for use by any thread.
 *
 * <pre>{@code
 * Description.stream("movingAvg", "mean of the last <size> values of a field, per group").options(FIELD, SIZE, AS)
 * }</pre>
 */
public final class Description {
    /** The maximum of a duration: the sum of several durations in nanoseconds must fit into a long. */
    private static final Duration LONGEST = Duration.ofDays(365);

    private static final Pattern NAME = Pattern.compile("[A-Za-z][A-Za-z0-9_]*");

    private final Parts parts;

    private Description(Parts parts) {
        this.parts = parts;
    }

    /** Describes a function that takes a stream and provides a stream. */
    public static Description stream(String name, String summary) {
        return of(name, summary, EdgeType.STREAM, EdgeType.STREAM);
    }

    /** Describes a function that takes batches and provides batches. */
    public static Description batch(String name, String summary) {
        return of(name, summary, EdgeType.BATCH, EdgeType.BATCH);
    }

    /**
     * Describes a function with any combination of edges.
     *
     * @param name the name in TICKscripts, {@code @name()}: a letter, then letters, digits and underscores
     * @param summary one line, for {@code list} and {@code describe}
     */
    public static Description of(String name, String summary, EdgeType wants, EdgeType provides) {
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException(
                    "name: \"" + name + "\" (expected: a letter, then letters, digits and underscores)");
        }
        if (Tickscript.isKeyword(name)) {
            throw new IllegalArgumentException("name: \"" + name + "\" (expected: none of TICKscript's keywords)");
        }
        Objects.requireNonNull(summary, "summary");
        return new Description(new Parts(
                name, summary, Objects.requireNonNull(wants, "wants"), Objects.requireNonNull(provides, "provides")));
    }

    /** Declares the options, in the order in which they are shown. */
    public Description options(Option<?>... options) {
        Set<String> names = new LinkedHashSet<>();
        for (Option<?> option : options) {
            if (!names.add(option.name())) {
                throw new IllegalArgumentException("option: \"" + option.name() + "\" (expected: each name once)");
            }
        }
        Parts changed = parts.copy();
        changed.options = List.of(options);
        return new Description(changed);
    }

    /**
     * Adds what a user should know beyond the summary, for example what happens to a point without a required field.
     */
    public Description notes(String notes) {
        Parts changed = parts.copy();
        changed.notes = Objects.requireNonNull(notes, "notes");
        return new Description(changed);
    }

    /**
     * Limits how long one call of the handler may take before the task is ended with an error; the agent's default is
     * 60 s.
     */
    public Description callLimit(Duration limit) {
        if (limit.isZero() || limit.isNegative() || limit.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException("callLimit: " + limit + " (expected: > 0 and <= " + LONGEST + ")");
        }
        Parts changed = parts.copy();
        changed.callLimit = Optional.of(limit);
        return new Description(changed);
    }

    /**
     * Sets what happens when the handler throws an exception: {@link FailurePolicy#FAIL} by default. The operator's
     * configuration overrides it.
     *
     * @param policy not {@link FailurePolicy#DECLARED}
     */
    public Description onError(FailurePolicy policy) {
        if (policy == FailurePolicy.DECLARED) {
            throw new IllegalArgumentException("onError: DECLARED (expected: FAIL, SKIP or RESTART)");
        }
        Parts changed = parts.copy();
        changed.onError = Objects.requireNonNull(policy, "policy");
        return new Description(changed);
    }

    /**
     * Sets what the agent does with a NaN or an infinity that the handler puts into a field: {@link NonFinite#DROP} by
     * default. The operator's configuration overrides it.
     *
     * @param policy not {@link NonFinite#DECLARED}
     */
    public Description nonFinite(NonFinite policy) {
        if (policy == NonFinite.DECLARED) {
            throw new IllegalArgumentException("nonFinite: DECLARED (expected: KEEP, DROP or FAIL)");
        }
        Parts changed = parts.copy();
        changed.nonFinite = Objects.requireNonNull(policy, "policy");
        return new Description(changed);
    }

    /**
     * Sets the version of the function's state, which is written into its snapshots; 1 by default. A snapshot of a
     * lower version is rejected.
     */
    public Description version(int version) {
        return version(version, Optional.empty());
    }

    /** Sets the version of the function's state, and the migration that upgrades a snapshot of any lower version. */
    public Description version(int version, Migration migration) {
        return version(version, Optional.of(migration));
    }

    private Description version(int version, Optional<Migration> migration) {
        if (version < 1) {
            throw new IllegalArgumentException("version: " + version + " (expected: >= 1)");
        }
        Parts changed = parts.copy();
        changed.version = version;
        changed.migration = migration;
        return new Description(changed);
    }

    /**
     * Declares that one handler must see all groups of a node, because it compares or counts them. A host that divides
     * the groups among several handlers does not run the function.
     */
    public Description wholeNode() {
        Parts changed = parts.copy();
        changed.needsWholeNode = true;
        return new Description(changed);
    }

    public String name() {
        return parts.name;
    }

    public String summary() {
        return parts.summary;
    }

    public EdgeType wants() {
        return parts.wants;
    }

    public EdgeType provides() {
        return parts.provides;
    }

    public List<Option<?>> options() {
        return parts.options;
    }

    public String notes() {
        return parts.notes;
    }

    public Optional<Duration> callLimit() {
        return parts.callLimit;
    }

    public FailurePolicy onError() {
        return parts.onError;
    }

    public NonFinite nonFinite() {
        return parts.nonFinite;
    }

    /** Whether one handler must see all groups of a node; see {@link #wholeNode}. */
    public boolean needsWholeNode() {
        return parts.needsWholeNode;
    }

    public int version() {
        return parts.version;
    }

    public Optional<Migration> migration() {
        return parts.migration;
    }

    @Override
    public String toString() {
        return parts.name + " (" + parts.wants + " -> " + parts.provides + ")";
    }

    /** The parts of a description, with their defaults. Changing a description modifies a copy of its parts. */
    private static final class Parts implements Cloneable {
        private final String name;
        private final String summary;
        private final EdgeType wants;
        private final EdgeType provides;
        private List<Option<?>> options = List.of();
        private String notes = "";
        private Optional<Duration> callLimit = Optional.empty();
        private FailurePolicy onError = FailurePolicy.FAIL;
        private int version = 1;
        private Optional<Migration> migration = Optional.empty();
        private NonFinite nonFinite = NonFinite.DROP;
        private boolean needsWholeNode;

        Parts(String name, String summary, EdgeType wants, EdgeType provides) {
            this.name = name;
            this.summary = summary;
            this.wants = wants;
            this.provides = provides;
        }

        Parts copy() {
            try {
                return (Parts) clone();
            } catch (CloneNotSupportedException e) {
                throw new AssertionError(e);
            }
        }
    }
}
