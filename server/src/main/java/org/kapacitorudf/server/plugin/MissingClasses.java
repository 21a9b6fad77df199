package org.kapacitorudf.server.plugin;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.jar.JarFile;
import java.util.zip.ZipEntry;

/**
 * Finds missing classes of a function before the first point needs them.
 *
 * <p>The JVM loads a class only when it is first used. So that missing classes are found early, the search reads the
 * function's class. Of the classes that this class needs directly or indirectly, the search also reads those in the
 * same package and its subpackages. All classes that are named in the constant pools of these classes must exist.
 * Libraries are not read, because many of them refer to optional classes.
 *
 * <pre>
 *   constant pool:  07 | index of a string      a class, by its name: com/example/Model, or [[Lcom/example/Model;
 *                   01 | length | bytes         a string
 * </pre>
 *
 * <p>The search must be fast, because Kapacitor waits for the start of a process UDF, and the JVM has not compiled any
 * code yet. Therefore, strings that do not name a class are skipped, and jars are searched before the class loader is
 * asked.
 *
 * <p>Threading: one thread.
 */
final class MissingClasses {
    private static final int MAGIC = 0xCAFEBABE;
    private static final int POOL_OFFSET = 10;
    private static final int UTF8 = 1;
    private static final int LONG = 5;
    private static final int DOUBLE = 6;
    private static final int CLASS = 7;

    /**
     * The sizes of constant pool entries, by tag and including the tag. The size is 0 for invalid tags, and for
     * strings, which contain their own length.
     */
    private static final byte[] ENTRY_BYTES = {0, 0, 0, 5, 5, 9, 9, 3, 3, 5, 5, 5, 5, 0, 0, 4, 3, 5, 5, 3, 3};

    private final ClassLoader loader;
    private final List<JarFile> jars;
    private final String ownPackage;
    private final Set<String> seen = new HashSet<>();
    private final Deque<ClassEntry> unread = new ArrayDeque<>();
    private final SortedSet<String> missing = new TreeSet<>();

    private record ClassEntry(JarFile jar, ZipEntry entry) {}

    private MissingClasses(ClassLoader loader, List<JarFile> jars, String ownPackage) {
        this.loader = loader;
        this.jars = jars;
        this.ownPackage = ownPackage;
    }

    /**
     * Returns the names of the classes that a function needs and that its class loader cannot find.
     *
     * @param jars the jars of the class loader
     */
    static SortedSet<String> of(Class<?> function, List<Path> jars) {
        String name = function.getName().replace('.', '/');
        List<JarFile> open = new ArrayList<>();
        try {
            for (Path jar : jars) {
                open.add(new JarFile(jar.toFile()));
            }
            MissingClasses search =
                    new MissingClasses(function.getClassLoader(), open, name.substring(0, name.lastIndexOf('/') + 1));
            search.named(name);
            while (!search.unread.isEmpty()) {
                search.read(search.unread.remove());
            }
            return search.missing;
        } catch (IOException e) {
            // If a class cannot be read, the missing classes are unknown.
            return new TreeSet<>();
        } finally {
            open.forEach(MissingClasses::close);
        }
    }

    private static void close(JarFile jar) {
        try {
            jar.close();
        } catch (IOException e) {
            // The jar was only read, so nothing is lost if it cannot be closed.
        }
    }

    /**
     * Searches for a class. If it belongs to the function's package, schedules it for reading.
     *
     * @param name as in a constant pool: {@code com/example/Model}
     */
    private void named(String name) {
        if (!seen.add(name)) {
            return;
        }
        String file = name + ".class";
        for (JarFile jar : jars) {
            ZipEntry entry = jar.getEntry(file);
            if (entry != null) {
                if (ownPackage.isEmpty() ? name.indexOf('/') < 0 : name.startsWith(ownPackage)) {
                    unread.add(new ClassEntry(jar, entry));
                }
                return;
            }
        }
        try {
            Class.forName(name.replace('/', '.'), false, loader);
        } catch (ClassNotFoundException e) {
            missing.add(name.replace('/', '.'));
        } catch (LinkageError e) {
            // The class exists. Any other problem is reported when the class is used.
        }
    }

    private void read(ClassEntry found) throws IOException {
        try (InputStream in = found.jar.getInputStream(found.entry)) {
            readPool(in.readAllBytes());
        } catch (IndexOutOfBoundsException e) {
            // The file is not a class. This is reported when the class is used.
        }
    }

    private void readPool(byte[] bytes) {
        if ((u2(bytes, 0) << 16 | u2(bytes, 2)) != MAGIC) {
            return;
        }
        int count = u2(bytes, 8);
        int[] offsets = new int[count];
        int[] classes = new int[count];
        int classCount = 0;
        int offset = POOL_OFFSET;
        for (int i = 1; i < count; i++) {
            offsets[i] = offset;
            int tag = bytes[offset];
            if (tag == UTF8) {
                offset += 3 + u2(bytes, offset + 1);
                continue;
            }
            if (tag == CLASS) {
                classes[classCount++] = u2(bytes, offset + 1);
            } else if (tag == LONG || tag == DOUBLE) {
                i++; // takes up two indices
            }
            offset += ENTRY_BYTES[tag];
        }
        for (int i = 0; i < classCount; i++) {
            classNamed(bytes, offsets[classes[i]]);
        }
    }

    /**
     * Searches for a class that is named in a constant pool.
     *
     * @param text the offset of the name of a class or an array
     */
    private void classNamed(byte[] bytes, int text) {
        int start = text + 3;
        int end = start + u2(bytes, text + 1);
        if (bytes[start] == '[') {
            while (bytes[start] == '[') {
                start++;
            }
            if (bytes[start] != 'L') {
                return; // an array of a primitive type
            }
            start++;
            end--;
        }
        boolean isOfJava = bytes[start] == 'j'
                && bytes[start + 1] == 'a'
                && bytes[start + 2] == 'v'
                && bytes[start + 3] == 'a'
                && bytes[start + 4] == '/';
        if (!isOfJava) {
            named(new String(bytes, start, end - start, StandardCharsets.UTF_8));
        }
    }

    private static int u2(byte[] bytes, int offset) {
        return (bytes[offset] & 0xFF) << 8 | bytes[offset + 1] & 0xFF;
    }
}
