package org.kapacitorudf.contract;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import org.kapacitorudf.Context;
import org.kapacitorudf.Description;
import org.kapacitorudf.Handler;
import org.kapacitorudf.Udf;
import org.kapacitorudf.agent.AgentConfig;
import org.kapacitorudf.embed.UdfAgent;
import org.kapacitorudf.embed.UdfServer;

/** A minimal program: a process UDF, or with a path a server. */
final class TenLines implements Udf {
    /** For a busy machine. Other programs need no configuration. */
    private static final AgentConfig PATIENT =
            AgentConfig.builder().drainDeadline(Duration.ofMinutes(5)).build();

    public static void main(String[] args) throws IOException {
        if (args.length == 0) {
            UdfAgent.stdio(new TenLines(), PATIENT).run();
        } else {
            UdfServer.builder()
                    .config(PATIENT)
                    .function(new TenLines(), Path.of(args[0]))
                    .build()
                    .start();
        }
    }

    @Override
    public Description describe() {
        return Description.stream("tenLines", "doubles a field");
    }

    @Override
    public Handler create(Context context) {
        return (point, output) -> output.point(point.withField("twice", 2 * point.doubleField("value")));
    }
}
