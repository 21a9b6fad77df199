package org.kapacitorudf.server.plugin;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.kapacitorudf.Udf;
import org.kapacitorudf.server.terminal.CommandException;
import org.kapacitorudf.server.terminal.ExitStatus;
import org.slf4j.LoggerFactory;

/**
 * The functions that {@code META-INF/services/org.kapacitorudf.Udf} lists, on the class path and in
 * {@linkplain PlugInPath plug-ins}.
 *
 * <p>Errors: a function that cannot be created or described is logged and ignored, without affecting other functions.
 * If two functions have the same name, the first one is used, with a warning; the class path precedes the plug-ins.
 *
 * <p>Threading: immutable once loaded.
 */
public final class Functions {
    private static final int MAX_BROKEN_LISTS = 100;

    private final SortedMap<String, Udf> byName;

    private final List<String> ignored;
    private final List<String> incomplete;

    private Functions(SortedMap<String, Udf> byName, List<String> ignored, List<String> incomplete) {
        this.byName = Collections.unmodifiableSortedMap(byName);
        this.ignored = List.copyOf(ignored);
        this.incomplete = List.copyOf(incomplete);
    }

    /** Creates all functions. */
    public static Functions installed() {
        return of(ServiceLoader.load(Udf.class), null).withPlugIns(PlugInPath.plugIns(), null);
    }

    /**
     * Finds one function. Creates as few other functions as possible.
     *
     * @throws CommandException if there is no such function; the message lists the functions
     */
    public static Udf find(String name) {
        Functions functions = of(ServiceLoader.load(Udf.class), name);
        if (!functions.byName.containsKey(name)) {
            functions = functions.withPlugIns(PlugInPath.plugIns(), name);
        }
        return functions.require(name);
    }

    /** Describes the candidates up to the function with the name {@code last}; all of them if it is null. */
    static Functions of(Iterable<Udf> candidates, @Nullable String last) {
        SortedMap<String, Udf> byName = new TreeMap<>();
        Iterator<Udf> iterator = candidates.iterator();
        while (!byName.containsKey(last == null ? "" : last) && hasNext(iterator)) {
            next(iterator).ifPresent(candidate -> {
                Udf first = byName.putIfAbsent(candidate.name, candidate.udf);
                if (first != null) {
                    String name = candidate.udf.getClass().getName();
                    warn(
                            candidate.name + ": "
                                    + PlugIn.Function.duplicate(
                                            name, first.getClass().getName()),
                            null);
                }
            });
        }
        return new Functions(byName, List.of(), List.of());
    }

    /**
     * Returns these functions together with those of plug-ins.
     *
     * @param last the name of the function after which to stop; null for all functions. The plug-ins after the one with
     *     this function are not loaded, but those that list the class of this function are reported.
     */
    Functions withPlugIns(List<PlugIn> plugIns, @Nullable String last) {
        SortedMap<String, Udf> more = new TreeMap<>(byName);
        List<String> out = new ArrayList<>();
        List<String> lacking = new ArrayList<>();
        PlugIn.Problems problems = new PlugIn.Problems() {
            @Override
            public void ignored(String file, String reason, @Nullable Throwable cause) {
                out.add(file + ": " + reason);
                warn("plug-in " + file + " is ignored: " + reason, cause);
            }

            @Override
            public void incomplete(String file, String reason) {
                lacking.add(file + ": " + reason);
                warn("plug-in " + file + ": " + reason, null);
            }
        };
        Map<String, PlugIn.Function> loaded = new HashMap<>();
        for (PlugIn plugIn : plugIns) {
            PlugIn.Function found = last == null ? null : loaded.get(last);
            if (found != null) {
                plugIn.listing(found.udf().getClass().getName())
                        .forEach(file -> problems.ignored(file, found.duplicate(), null));
                continue;
            }
            for (PlugIn.Function function : plugIn.load(last, problems)) {
                Udf first = more.putIfAbsent(function.name(), function.udf());
                if (first == null) {
                    loaded.put(function.name(), function);
                } else {
                    PlugIn.Function used = loaded.get(function.name());
                    String reason = used == null
                            ? PlugIn.Function.duplicate(
                                    function.name(), first.getClass().getName())
                            : used.duplicate();
                    problems.ignored(function.file(), reason, null);
                }
            }
        }
        return new Functions(more, out, lacking);
    }

    /** The jars, directories and functions of plug-ins that are ignored, with the reasons. */
    public List<String> ignored() {
        return ignored;
    }

    /** The missing classes that functions of plug-ins need, each with the name of the function and its jar. */
    public List<String> incomplete() {
        return incomplete;
    }

    public Collection<Udf> all() {
        return byName.values();
    }

    public List<String> names() {
        return List.copyOf(byName.keySet());
    }

    /**
     * Returns the function with this name.
     *
     * @throws CommandException if there is no such function; the message lists the functions
     */
    public Udf require(String name) {
        Udf udf = byName.get(name);
        if (udf == null) {
            String hint = Suggestion.closest(name, byName.keySet())
                    .map(closest -> "; did you mean " + closest + "?")
                    .orElse("");
            String known = byName.isEmpty() ? "none is installed" : "one of " + String.join(", ", byName.keySet());
            throw new CommandException(
                    ExitStatus.UNKNOWN_FUNCTION,
                    ignored.stream().map(text -> "ignored: " + text + "; ").collect(Collectors.joining()) + "function: "
                            + name + " (expected: " + known + ")" + hint);
        }
        return udf;
    }

    private record Candidate(String name, Udf udf) {}

    private static boolean hasNext(Iterator<Udf> iterator) {
        for (int i = 0; i < MAX_BROKEN_LISTS; i++) {
            try {
                return iterator.hasNext();
            } catch (ServiceConfigurationError | LinkageError e) {
                warn("a list of functions, or a class in it, cannot be read and is ignored", e);
            }
        }
        return false;
    }

    private static Optional<Candidate> next(Iterator<Udf> iterator) {
        Udf udf;
        try {
            udf = iterator.next();
        } catch (ServiceConfigurationError | RuntimeException | LinkageError e) {
            warn("a function cannot be created and is ignored", e);
            return Optional.empty();
        }
        try {
            return Optional.of(new Candidate(udf.describe().name(), udf));
        } catch (RuntimeException | LinkageError e) {
            warn(udf.getClass().getName() + " cannot be described and is ignored", e);
            return Optional.empty();
        }
    }

    private static void warn(String message, @Nullable Throwable cause) {
        LoggerFactory.getLogger(Functions.class).warn(message, cause);
    }
}
