package org.kapacitorudf.contract;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.kapacitorudf.Udf;
import org.kapacitorudf.client.Kapacitor;

/** The transport of a process UDF, without the start of a JVM for each case. */
@ExtendWith(PipeCases.class)
@Execution(ExecutionMode.CONCURRENT)
final class PipeAgentTest implements AgentContract {
    @TempDir
    private static Path directory;

    private static final Map<TestUdf.Limits, FaultHost> HOSTS = new EnumMap<>(TestUdf.Limits.class);

    @BeforeAll
    static void start() throws IOException {
        List<Udf> functions = List.of(TestUdf.values());
        for (TestUdf.Limits limits : TestUdf.Limits.values()) {
            Path pipes = Files.createDirectory(directory.resolve(limits.name()));
            HOSTS.put(limits, new FaultHost.PipePairs(pipes, limits.config(), functions));
        }
    }

    @AfterAll
    static void close() {
        HOSTS.values().forEach(FaultHost::close);
    }

    @Override
    public Kapacitor open(TestUdf.Limits limits, TestUdf udf, Kapacitor.Builder kapacitor) throws IOException {
        return HOSTS.get(limits).open(udf.name(), kapacitor);
    }

    /** The end of the process releases Kapacitor: see ProcessAgentTest. */
    @Override
    public void aKapacitorThatStopsReadingAndNeverClosesIsLetGo() {}
}
