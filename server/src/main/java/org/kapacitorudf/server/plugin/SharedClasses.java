package org.kapacitorudf.server.plugin;

import org.kapacitorudf.Udf;

/**
 * What a plug-in has in common with its host: the JDK, the API and slf4j. The rest of the host is not to be seen, so a plug-in cannot come to depend on the version
 * of a library that happens to be there.
 */
final class SharedClasses extends ClassLoader {
    static final ClassLoader SHARED_CLASSES = new SharedClasses();

    private static final String API = "org.kapacitorudf.";
    private static final String SLF4J = "org.slf4j.";

    static {
        registerAsParallelCapable();
    }

    private SharedClasses() {
        super("shared", ClassLoader.getPlatformClassLoader());
    }

    @Override
    protected Class<?> findClass(String name) throws ClassNotFoundException {
        boolean api = name.startsWith(API) && name.indexOf('.', API.length()) < 0;
        if (api || name.startsWith(SLF4J)) {
            return Udf.class.getClassLoader().loadClass(name);
        }
        throw new ClassNotFoundException(name);
    }
}
