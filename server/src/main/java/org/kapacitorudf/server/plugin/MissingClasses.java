package org.kapacitorudf.server.plugin;

import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URLClassLoader;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * Finds classes that a function needs and that are not there, before its first point does.
 *
 * <p>The JVM looks for a class when it is first used. So the classes are read that the function consists of, those of its own package and of the packages in that,
 * as far as one leads to the next; what their constant pools name has to be there. Libraries are not read: many of them name classes that they can do without.
 *
 * <pre>
 *   constant pool:  07 | index of a text        a class, by its name: com/example/Model, or [[Lcom/example/Model;
 *                   01 | length | bytes         a text
 * </pre>
 *
 * <p>Threading: one thread.
 */
final class MissingClasses {
    private static final int MAGIC = 0xCAFEBABE;
    private static final int UTF8 = 1;
    private static final int CLASS = 7;

    private final URLClassLoader loader;
    private final String ownPackage;
    private final Set<String> seen = new HashSet<>();
    private final Deque<String> unread = new ArrayDeque<>();
    private final SortedSet<String> missing = new TreeSet<>();

    private MissingClasses(URLClassLoader loader, String ownPackage) {
        this.loader = loader;
        this.ownPackage = ownPackage;
    }

    /** The names of the classes that a function needs and that its loader cannot find. */
    static SortedSet<String> of(Class<?> function, URLClassLoader loader) {
        String name = function.getName();
        MissingClasses search = new MissingClasses(loader, name.substring(0, name.lastIndexOf('.') + 1));
        search.named(name);
        while (!search.unread.isEmpty()) {
            search.read(search.unread.remove());
        }
        return search.missing;
    }

    private void named(String name) {
        if (name.startsWith("java.") || !seen.add(name)) {
            return;
        }
        if (loader.findResource(file(name)) == null) {
            try {
                Class.forName(name, false, loader);
            } catch (ClassNotFoundException e) {
                missing.add(name);
            } catch (LinkageError e) {
                // It is there. What is wrong with it shows when it is used.
            }
        } else if (ownPackage.isEmpty() ? name.indexOf('.') < 0 : name.startsWith(ownPackage)) {
            unread.add(name);
        }
    }

    private void read(String name) {
        try (InputStream in = loader.findResource(file(name)).openStream()) {
            readPool(new DataInputStream(new ByteArrayInputStream(in.readAllBytes())));
        } catch (IOException e) {
            // A class that cannot be read is not one that is missing.
        }
    }

    private void readPool(DataInputStream in) throws IOException {
        if (in.readInt() != MAGIC) {
            return;
        }
        in.readInt(); // the version
        int count = in.readUnsignedShort();
        String[] texts = new String[count];
        int[] classes = new int[count];
        for (int i = 1; i < count; i++) {
            int tag = in.readUnsignedByte();
            switch (tag) {
                case UTF8 -> texts[i] = in.readUTF();
                case CLASS -> classes[i] = in.readUnsignedShort();
                case 8, 16, 19, 20 -> in.readShort(); // a string, method type, module, package
                case 15 -> in.skipBytes(3); // a method handle
                case 5, 6 -> { // a long, a double: they count twice
                    in.readLong();
                    i++;
                }
                default -> in.readInt(); // two indices, or four bytes
            }
        }
        for (int index : classes) {
            if (index > 0) {
                String name = className(texts[index]);
                if (!name.isEmpty()) {
                    named(name);
                }
            }
        }
    }

    /** Empty for an array of numbers. */
    private static String className(String internal) {
        String name = internal.replace('/', '.');
        if (!name.startsWith("[")) {
            return name;
        }
        return name.endsWith(";") ? name.substring(name.indexOf('L') + 1, name.length() - 1) : "";
    }

    private static String file(String name) {
        return name.replace('.', '/') + ".class";
    }
}
