package org.kapacitorudf.testing;

import com.google.protobuf.MessageLite;
import java.io.BufferedInputStream;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.kapacitorudf.proto.Response;

/**
 * A mirror on STDIN and STDOUT for a separate JVM. The argument is the number of additional points that it sends after
 * the end of its input.
 */
public final class TinyAgent {
    private TinyAgent() {}

    public static void main(String[] args) throws Exception {
        AgentSide kapacitor = new AgentSide(new BufferedInputStream(System.in), System.out);
        System.err.println("hello");
        kapacitor.mirror();
        for (int i = 0; i < Integer.parseInt(args[0]); i++) {
            kapacitor.send(AgentSide.point("late v=1"));
        }
    }

    /** @param more classes whose directories and jars are added to the class path */
    public static List<String> command(int latePoints, Class<?>... more) {
        String classPath = Stream.concat(Stream.of(TinyAgent.class, Response.class, MessageLite.class), Stream.of(more))
                .map(TinyAgent::location)
                .distinct()
                .collect(Collectors.joining(System.getProperty("path.separator")));
        return List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-cp",
                classPath,
                TinyAgent.class.getName(),
                Integer.toString(latePoints));
    }

    private static String location(Class<?> type) {
        try {
            return Path.of(type.getProtectionDomain()
                            .getCodeSource()
                            .getLocation()
                            .toURI())
                    .toString();
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }
}
