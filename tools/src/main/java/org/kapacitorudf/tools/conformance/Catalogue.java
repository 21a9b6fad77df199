package org.kapacitorudf.tools.conformance;

import java.util.List;
import java.util.stream.Stream;

/**
 * All cases, in the order in which they are run.
 *
 * <p>Threading: immutable.
 */
public final class Catalogue {
    private static final List<Case> CASES = Stream.of(
                    InitCases.all(),
                    FramingCases.all(),
                    KeepaliveCases.all(),
                    SnapshotCases.all(),
                    DataCases.all(),
                    MalformedCases.all(),
                    EndCases.all(),
                    ConnectionCases.all())
            .flatMap(List::stream)
            .toList();

    private Catalogue() {}

    /** All cases. */
    public static List<Case> cases() {
        return CASES;
    }

    /**
     * The case with this name.
     *
     * @throws IllegalArgumentException if there is no such case
     */
    public static Case named(String name) {
        return CASES.stream()
                .filter(each -> each.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("case: " + name + " (expected: one of --list)"));
    }
}
