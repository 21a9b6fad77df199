package org.kapacitorudf.server.plugin;

import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.InvocationTargetException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.jar.JarFile;
import java.util.zip.ZipEntry;
import org.jspecify.annotations.Nullable;
import org.kapacitorudf.Udf;

/**
 * Functions from one jar or directory, with their own class loader.
 *
 * <pre>
 *   alarm.jar                 a plug-in: the functions in its META-INF/services/org.kapacitorudf.Udf
 *   forecast.jar              a plug-in,
 *   forecast/*.jar            and its libraries
 *   seasons/*.jar             a plug-in: the jars that list functions, and their libraries
 * </pre>
 *
 * <p>Of several jars with the same function, the one that was modified last is used: an upgrade often leaves the jar of
 * the previous version.
 *
 * <p>Errors: a function or jar with a problem is reported to {@link Problems}, and the others are loaded. If another
 * user could change a jar, nothing is loaded. A plug-in that lists no function is silently ignored.
 *
 * <p>Threading: for use by any thread, but by one at a time.
 */
public final class PlugIn {
    private static final String SERVICE = "META-INF/services/" + Udf.class.getName();
    private static final String JAR = ".jar";
    private static final String SOURCES = "-sources.jar";

    /** The prefix that Maven's shade plug-in adds to the name of the jar that does not contain the libraries. */
    private static final String ORIGINAL = "original-";

    /**
     * Orders jars by the time of modification, newest first. If the times are equal, as in a container image, the jar
     * whose name sorts last comes first.
     */
    private static final Comparator<Path> NEWEST_FIRST = Comparator.<Path>comparingLong(
                    jar -> jar.toFile().lastModified())
            .thenComparing(Comparator.naturalOrder())
            .reversed();

    private final String name;
    private final List<Path> jars;

    private PlugIn(String name, List<Path> jars) {
        this.name = name;
        this.jars = jars;
    }

    /** Receives the problems of plug-ins. */
    public interface Problems {
        /**
         * Reports a jar, a directory or a function that is not loaded.
         *
         * @param file the name of the jar or directory
         * @param cause the exception that the function has thrown; null for other problems
         */
        void ignored(String file, String reason, @Nullable Throwable cause);

        /** Reports a function that is loaded, but that needs a missing class. Does nothing by default. */
        default void incomplete(String file, String reason) {}
    }

    /**
     * A function that has been created and described.
     *
     * @param jar the jar that lists it
     */
    public record Function(String name, Udf udf, Path jar) {
        /** The name of the jar. */
        public String file() {
            return PlugIn.file(jar);
        }

        /** Returns a message saying that a function of the same name in another jar is not used because this one is. */
        String duplicate() {
            return duplicate(name, udf.getClass().getName() + " of " + jar);
        }

        /**
         * Returns a message saying that a function is not used because another with the same name is.
         *
         * @param used describes the function that is used
         */
        static String duplicate(String name, String used) {
            return name + " (expected: one function of the name; " + used + " is used)";
        }
    }

    /** Returns the plug-ins in a directory; those that were modified last come first. Loads no classes. */
    public static List<PlugIn> in(Path directory) throws UnusableDirectoryException {
        try {
            Path real = directory.toRealPath();
            Optional<String> problem = Rights.problem(real);
            if (problem.isPresent()) {
                throw new UnusableDirectoryException(problem.get());
            }
            Map<String, List<Path>> jars = new TreeMap<>();
            for (Path jar : jarsIn(real)) {
                String file = jar.getFileName().toString();
                jars.computeIfAbsent(file.substring(0, file.length() - JAR.length()), stem -> new ArrayList<>())
                        .add(jar);
            }
            for (Path entry : entries(real, "*")) {
                if (Files.isDirectory(entry) && Files.isReadable(entry)) {
                    jars.computeIfAbsent(entry.getFileName().toString(), stem -> new ArrayList<>())
                            .addAll(jarsIn(entry));
                }
            }
            List<PlugIn> plugIns = new ArrayList<>();
            jars.forEach((stem, ofOne) -> {
                if (!ofOne.isEmpty()) {
                    plugIns.add(new PlugIn(stem, ofOne));
                }
            });
            plugIns.sort(Comparator.comparing(plugIn -> Collections.min(plugIn.jars, NEWEST_FIRST), NEWEST_FIRST));
            return plugIns;
        } catch (IOException e) {
            throw new UnusableDirectoryException(directory + " (expected: a readable directory): " + e);
        }
    }

    private static List<Path> jarsIn(Path directory) throws IOException {
        List<Path> jars = entries(directory, "*" + JAR);
        jars.sort(NEWEST_FIRST);
        jars.removeIf(jar -> !Files.isRegularFile(jar)
                || jar.toString().endsWith(SOURCES)
                || jar.getFileName().toString().startsWith(ORIGINAL)
                        && Files.exists(
                                jar.resolveSibling(jar.getFileName().toString().substring(ORIGINAL.length()))));
        return jars;
    }

    private static List<Path> entries(Path directory, String glob) throws IOException {
        List<Path> entries = new ArrayList<>();
        try (DirectoryStream<Path> stream = Files.newDirectoryStream(directory, glob)) {
            stream.forEach(entries::add);
        }
        entries.sort(null);
        return entries;
    }

    /** The jars, including those that list no function. */
    public List<Path> jars() {
        return List.copyOf(jars);
    }

    /**
     * Creates and describes the functions.
     *
     * @param wanted the only function to check for missing classes, because the check takes time; null to check all
     */
    public List<Function> load(@Nullable String wanted, Problems problems) {
        Map<String, List<Path>> jarsOf = named(problems);
        if (jarsOf.isEmpty() || !isSafe(problems)) {
            return List.of();
        }
        URLClassLoader loader = new URLClassLoader(name + JAR, urls(), SharedClasses.SHARED_CLASSES);
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        thread.setContextClassLoader(loader);
        try {
            List<Function> functions = new ArrayList<>();
            jarsOf.forEach(
                    (type, of) -> make(type, of, loader, wanted, problems).ifPresent(functions::add));
            return functions;
        } finally {
            thread.setContextClassLoader(before);
        }
    }

    /** The names of the jars that list a class. Loads no classes. */
    List<String> listing(String type) {
        return named((file, reason, cause) -> {}).getOrDefault(type, List.of()).stream()
                .map(PlugIn::file)
                .toList();
    }

    /** Returns the names of the functions' classes, each with the jars that list it. */
    private Map<String, List<Path>> named(Problems problems) {
        Map<String, List<Path>> jarsOf = new TreeMap<>();
        for (Path path : jars) {
            try (JarFile jar = new JarFile(path.toFile())) {
                for (String type : namedIn(jar)) {
                    jarsOf.computeIfAbsent(type, listed -> new ArrayList<>()).add(path);
                }
            } catch (IOException e) {
                problems.ignored(file(path), "cannot be read as a jar: " + e.getMessage(), null);
            }
        }
        return jarsOf;
    }

    private static String file(Path jar) {
        return jar.getFileName().toString();
    }

    private static Set<String> namedIn(JarFile jar) throws IOException {
        Set<String> types = new LinkedHashSet<>();
        ZipEntry list = jar.getEntry(SERVICE);
        if (list != null) {
            try (InputStream in = jar.getInputStream(list)) {
                new String(in.readAllBytes(), StandardCharsets.UTF_8)
                        .lines()
                        .map(line -> line.replaceFirst("#.*", "").strip())
                        .filter(line -> !line.isEmpty())
                        .forEach(types::add);
            }
        }
        return types;
    }

    /** Whether only root and the current user can change the jars. Links are followed. */
    private boolean isSafe(Problems problems) {
        Set<Path> paths = new LinkedHashSet<>();
        try {
            for (Path jar : jars) {
                Path real = jar.toRealPath();
                paths.add(real.getParent());
                paths.add(real);
            }
            for (Path path : paths) {
                Optional<String> problem = Rights.problem(path);
                if (problem.isPresent()) {
                    problems.ignored(file(jars.get(0)), problem.get(), null);
                    return false;
                }
            }
            return true;
        } catch (IOException e) {
            problems.ignored(file(jars.get(0)), "cannot be examined: " + e, null);
            return false;
        }
    }

    private URL[] urls() {
        return jars.stream().map(PlugIn::url).toArray(URL[]::new);
    }

    private static URL url(Path jar) {
        try {
            return jar.toUri().toURL();
        } catch (MalformedURLException e) {
            throw new IllegalStateException("a file has a URL", e);
        }
    }

    private Optional<Function> make(
            String type, List<Path> listing, URLClassLoader loader, @Nullable String wanted, Problems problems) {
        String jar = file(listing.get(0));
        try {
            Class<?> found = Class.forName(type, true, loader);
            if (Udf.class.isAssignableFrom(found)) {
                Udf udf = (Udf) found.getConstructor().newInstance();
                Function function = new Function(udf.describe().name(), udf, listing.get(0));
                if (wanted == null || wanted.equals(function.name)) {
                    MissingClasses.of(found, jars)
                            .forEach(missing -> problems.incomplete(jar, function.name + needs(missing)));
                    listing.stream()
                            .skip(1)
                            .forEach(older -> problems.ignored(file(older), function.duplicate(), null));
                }
                return Optional.of(function);
            }
            problems.ignored(jar, type + ": does not implement " + Udf.class.getName(), null);
        } catch (ClassNotFoundException e) {
            problems.ignored(jar, type + ": not in the jar (expected: the class, for " + SERVICE + " names it)", null);
        } catch (NoSuchMethodException | InstantiationException | IllegalAccessException e) {
            String expected = "a public class with a public constructor without parameters";
            problems.ignored(jar, type + ": cannot be created (expected: " + expected + ")", null);
        } catch (InvocationTargetException e) {
            thrown(type, jar, e.getCause(), problems);
        } catch (RuntimeException | LinkageError e) {
            thrown(type, jar, e, problems);
        }
        return Optional.empty();
    }

    private String needs(String missing) {
        return ": needs " + missing + ", which is missing (expected: in the jar, or in a jar in " + name
                + "/ next to it)";
    }

    private void thrown(String type, String jar, @Nullable Throwable cause, Problems problems) {
        if (cause instanceof NoClassDefFoundError && cause.getCause() instanceof ClassNotFoundException) {
            problems.ignored(
                    jar, type + needs(String.valueOf(cause.getMessage()).replace('/', '.')), null);
        } else if (cause instanceof UnsupportedClassVersionError) {
            problems.ignored(jar, type + ": " + cause.getMessage(), null);
        } else {
            Throwable root =
                    cause instanceof ExceptionInInitializerError && cause.getCause() != null ? cause.getCause() : cause;
            problems.ignored(jar, type + ": cannot be created: " + root, root);
        }
    }
}
