package org.kapacitorudf;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The defects that a function has introduced into a point. Consumers do not accept a defective point. Only changes are
 * checked, so a point from Kapacitor has no flaws.
 *
 * @param nameless the point was given an empty name
 * @param fieldless the point has no fields left
 * @param nonFinite the fields that were given a value that is not finite
 */
record Flaws(boolean nameless, boolean fieldless, List<String> nonFinite) {
    /** The flaws of a new point without fields. */
    static final Flaws FIELDLESS = new Flaws(false, true, List.of());

    private static final Flaws NONE = new Flaws(false, false, List.of());

    /** Returns the flaws of a point; null if there are none, which saves memory. */
    static @Nullable Flaws orNull(boolean nameless, boolean fieldless, List<String> nonFinite) {
        return nameless || fieldless || !nonFinite.isEmpty() ? new Flaws(nameless, fieldless, nonFinite) : null;
    }

    private static Flaws orNone(@Nullable Flaws flaws) {
        return flaws == null ? NONE : flaws;
    }

    static @Nullable Flaws withName(@Nullable Flaws flaws, String name) {
        Flaws before = orNone(flaws);
        return before.nameless == name.isEmpty() ? flaws : orNull(name.isEmpty(), before.fieldless, before.nonFinite);
    }

    /** Returns the flaws without {@code nameless}, for a point that now has a name from Kapacitor. */
    static @Nullable Flaws named(@Nullable Flaws flaws) {
        return flaws == null || !flaws.nameless ? flaws : orNull(false, flaws.fieldless, flaws.nonFinite);
    }

    static @Nullable Flaws withFields(@Nullable Flaws flaws, Fields fields) {
        return orNull(orNone(flaws).nameless, fields.isEmpty(), fields.nonFinite());
    }

    static @Nullable Flaws withAddedFields(@Nullable Flaws flaws, Fields fields) {
        if (flaws == null || fields.isEmpty()) {
            return flaws == null ? orNull(false, false, fields.nonFinite()) : flaws;
        }
        List<String> nonFinite = new ArrayList<>(flaws.nonFinite);
        nonFinite.removeAll(fields.names());
        nonFinite.addAll(fields.nonFinite());
        return orNull(flaws.nameless, false, List.copyOf(nonFinite));
    }

    static @Nullable Flaws withField(@Nullable Flaws flaws, String name, boolean finite) {
        return flaws == null && finite
                ? null
                : orNull(orNone(flaws).nameless, false, changed(orNone(flaws).nonFinite, name, finite));
    }

    static @Nullable Flaws withoutField(@Nullable Flaws flaws, String name, boolean leavesNone) {
        return flaws == null && !leavesNone
                ? null
                : orNull(
                        orNone(flaws).nameless,
                        leavesNone || orNone(flaws).fieldless,
                        changed(orNone(flaws).nonFinite, name, true));
    }

    /**
     * Removes a field from the list of non-finite fields, or adds it. Returns the new list.
     *
     * @param finite false if the field has been set to a value that is not finite; true if it has been set to another
     *     value or removed
     */
    static List<String> changed(List<String> nonFinite, String name, boolean finite) {
        if (finite && nonFinite.isEmpty()) {
            return nonFinite;
        }
        List<String> changed = new ArrayList<>(nonFinite);
        changed.remove(name);
        if (!finite) {
            changed.add(name);
        }
        return List.copyOf(changed);
    }
}
