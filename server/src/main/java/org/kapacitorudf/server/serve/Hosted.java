package org.kapacitorudf.server.serve;

import java.nio.file.Path;
import java.util.SortedMap;
import java.util.TreeMap;
import org.kapacitorudf.Udf;
import org.kapacitorudf.server.options.HostOptions;
import org.kapacitorudf.server.plugin.Functions;

/**
 * The served functions with their sockets and options.
 *
 * @param functions all installed functions
 * @param sockets the sockets of the served functions, by name
 * @param options limits and policies
 */
public record Hosted(Functions functions, SortedMap<String, Path> sockets, HostOptions options) {
    /** Receives the functions, one at a time. */
    public interface Server<X extends Exception> {
        void serve(Udf udf, Path socket) throws X;
    }

    /** Passes each function to a server, with the function's class loader as the thread's context class loader. */
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

    /** Returns a copy that uses the other instance's sockets for the functions that both serve. */
    public Hosted keepingSocketsOf(Hosted other) {
        SortedMap<String, Path> kept = new TreeMap<>(sockets);
        kept.replaceAll((name, socket) -> other.sockets.getOrDefault(name, socket));
        return new Hosted(functions, kept, options);
    }
}
