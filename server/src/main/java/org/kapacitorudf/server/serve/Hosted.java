package org.kapacitorudf.server.serve;

import java.nio.file.Path;
import java.util.SortedMap;
import java.util.TreeMap;
import org.kapacitorudf.Udf;
import org.kapacitorudf.server.options.HostOptions;
import org.kapacitorudf.server.plugin.Functions;

/**
 * Which functions are served on which sockets, and how.
 *
 * @param functions all that are installed
 * @param sockets where each function that is served has its socket, by its name
 * @param options limits and policies
 */
public record Hosted(Functions functions, SortedMap<String, Path> sockets, HostOptions options) {
    /** Is given each function. */
    public interface Server<X extends Exception> {
        void serve(Udf udf, Path socket) throws X;
    }

    /** Gives each function to a server, with the function's class loader as the thread's context class loader. */
    public <X extends Exception> void forEach(Server<X> server) throws X {
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        try {
            for (String name : sockets.keySet()) {
                Udf udf = functions.require(name);
                thread.setContextClassLoader(udf.getClass().getClassLoader());
                server.serve(options.hosted(name, udf), sockets.get(name));
            }
        } finally {
            thread.setContextClassLoader(before);
        }
    }

    /** These functions, with the sockets that another one already has for functions of these names. */
    public Hosted keepingSocketsOf(Hosted other) {
        SortedMap<String, Path> kept = new TreeMap<>(sockets);
        kept.replaceAll((name, socket) -> other.sockets.getOrDefault(name, socket));
        return new Hosted(functions, kept, options);
    }
}
