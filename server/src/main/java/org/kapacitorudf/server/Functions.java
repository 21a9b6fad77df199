package org.kapacitorudf.server;

import java.util.Collection;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.SortedMap;
import java.util.TreeMap;
import org.kapacitorudf.Udf;
import org.slf4j.LoggerFactory;

/**
 * The functions on the class path, as {@code META-INF/services/org.kapacitorudf.Udf} names them.
 *
 * <p>Errors: a function that cannot be made or described is left out, with a line in the log: it must not take the others with it. Of two with one name, the
 * first on the class path is used.
 *
 * <p>Threading: immutable once loaded.
 */
final class Functions {
    private static final int MAX_BROKEN_LISTS = 100;

    private final SortedMap<String, Udf> byName;

    private Functions(SortedMap<String, Udf> byName) {
        this.byName = Collections.unmodifiableSortedMap(byName);
    }

    /** Makes all functions there are. */
    static Functions installed() {
        return of(ServiceLoader.load(Udf.class), null);
    }

    /** Finds one function, and makes no more of the others than it must; a {@link CommandException} says which there are if there is none of the name. */
    static Udf find(String name) {
        return of(ServiceLoader.load(Udf.class), name).require(name);
    }

    /**
     * @param last the name after which no more are looked at; null for all
     */
    static Functions of(Iterable<Udf> candidates, String last) {
        SortedMap<String, Udf> byName = new TreeMap<>();
        Iterator<Udf> iterator = candidates.iterator();
        while (!byName.containsKey(last == null ? "" : last) && hasNext(iterator)) {
            next(iterator).ifPresent(candidate -> {
                Udf first = byName.putIfAbsent(candidate.name, candidate.udf);
                if (first != null) {
                    warn(
                            candidate.name + ": " + candidate.udf.getClass().getName()
                                    + " (expected: one function of the name; "
                                    + first.getClass().getName() + " is used)",
                            null);
                }
            });
        }
        return new Functions(byName);
    }

    Collection<Udf> all() {
        return byName.values();
    }

    List<String> names() {
        return List.copyOf(byName.keySet());
    }

    /** Gives the function, or throws a {@link CommandException} that says which there are. */
    Udf require(String name) {
        Udf udf = byName.get(name);
        if (udf == null) {
            String hint = Suggestion.closest(name, byName.keySet())
                    .map(closest -> "; did you mean " + closest + "?")
                    .orElse("");
            String known = byName.isEmpty() ? "none is installed" : "one of " + String.join(", ", byName.keySet());
            throw new CommandException(
                    ExitStatus.UNKNOWN_FUNCTION, "function: " + name + " (expected: " + known + ")" + hint);
        }
        return udf;
    }

    private record Candidate(String name, Udf udf) {}

    private static boolean hasNext(Iterator<Udf> iterator) {
        for (int i = 0; i < MAX_BROKEN_LISTS; i++) {
            try {
                return iterator.hasNext();
            } catch (ServiceConfigurationError e) {
                warn("a list of functions cannot be read and is left out", e);
            }
        }
        return false;
    }

    private static Optional<Candidate> next(Iterator<Udf> iterator) {
        Udf udf;
        try {
            udf = iterator.next();
        } catch (ServiceConfigurationError | RuntimeException | LinkageError e) {
            warn("a function cannot be made and is left out", e);
            return Optional.empty();
        }
        try {
            return Optional.of(new Candidate(udf.describe().name(), udf));
        } catch (RuntimeException | LinkageError e) {
            warn(udf.getClass().getName() + " cannot describe itself and is left out", e);
            return Optional.empty();
        }
    }

    private static void warn(String message, Throwable cause) {
        LoggerFactory.getLogger(Functions.class).warn(message, cause);
    }
}
