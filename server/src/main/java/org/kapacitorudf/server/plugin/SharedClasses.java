package org.kapacitorudf.server.plugin;

import java.util.Set;
import org.kapacitorudf.Udf;

/**
 * The classes that a plug-in shares with its host: the JDK, the API and slf4j. All other classes of the host are
 * hidden, so that plug-ins cannot depend on the host's versions of libraries.
 */
final class SharedClasses extends ClassLoader {
    static final ClassLoader SHARED_CLASSES = new SharedClasses();

    /**
     * The agent's exported packages except {@code embed}, which plug-ins do not need because they do not host
     * functions.
     */
    static final Set<String> API = Set.of(
            "org.kapacitorudf",
            "org.kapacitorudf.agent",
            "org.kapacitorudf.errors",
            "org.kapacitorudf.option",
            "org.kapacitorudf.state");

    private static final String SLF4J = "org.slf4j.";

    static {
        registerAsParallelCapable();
    }

    private SharedClasses() {
        super("shared", ClassLoader.getPlatformClassLoader());
    }

    @Override
    protected Class<?> findClass(String name) throws ClassNotFoundException {
        if (API.contains(name.substring(0, Math.max(0, name.lastIndexOf('.')))) || name.startsWith(SLF4J)) {
            return Udf.class.getClassLoader().loadClass(name);
        }
        throw new ClassNotFoundException(name);
    }
}
