package org.kapacitorudf.contract;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
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

    private static FaultHost host;
    private static FaultHost patientHost;

    @BeforeAll
    static void start() throws IOException {
        List<Udf> functions = List.of(TestUdf.values());
        host = new FaultHost.PipePairs(Files.createDirectory(directory.resolve("hasty")), TestUdf.CONFIG, functions);
        patientHost = new FaultHost.PipePairs(
                Files.createDirectory(directory.resolve("patient")), TestUdf.PATIENT_CONFIG, functions);
    }

    @AfterAll
    static void close() {
        host.close();
        patientHost.close();
    }

    @Override
    public Kapacitor open(TestUdf udf, Kapacitor.Builder kapacitor) throws IOException {
        return host.open(udf.name(), kapacitor);
    }

    @Override
    public Kapacitor openPatient(TestUdf udf, Kapacitor.Builder kapacitor) throws IOException {
        return patientHost.open(udf.name(), kapacitor);
    }

    /** The end of the process releases Kapacitor: see ProcessAgentTest. */
    @Override
    public void aKapacitorThatStopsReadingAndNeverClosesIsLetGo() {}
}
