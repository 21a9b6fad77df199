package org.kapacitorudf.examples;

import java.nio.file.Path;
import org.kapacitorudf.embed.UdfAgent;
import org.kapacitorudf.embed.UdfServer;

/** A program that embeds a function: on STDIN and STDOUT, or on the given socket. Shown in docs/plugins.md. */
public final class Embedding {
    public static void main(String[] args) throws Exception {
        if (args.length == 0) {
            UdfAgent.stdio(new MovingAverage()).run();
        }
        UdfServer.Builder builder = UdfServer.builder().function(new MovingAverage(), Path.of(args[0]));
        UdfServer server = builder.build().start();
        Runtime.getRuntime().addShutdownHook(new Thread(server::close));
    }
}
