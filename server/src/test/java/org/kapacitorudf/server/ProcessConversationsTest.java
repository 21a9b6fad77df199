package org.kapacitorudf.server;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.kapacitorudf.Udf;
import org.kapacitorudf.testkit.Kapacitor;

@Tag("slow")
final class ProcessConversationsTest implements RecordedConversations {
    @TempDir
    private Path plugIns;

    /** Not in the class path of the tests, where it would be a function of every one of them. */
    @BeforeEach
    void installTheOptionsMirror() throws IOException {
        Path list = plugIns.resolve("META-INF/services").resolve(Udf.class.getName());
        Files.createDirectories(list.getParent());
        Files.writeString(list, OptionsMirror.class.getName());
    }

    @Override
    public Kapacitor open(String function, Kapacitor.Builder kapacitor) throws IOException {
        return kapacitor.spawn(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Xshare:auto",
                "-cp",
                System.getProperty("java.class.path") + File.pathSeparator + plugIns,
                Main.class.getName(),
                "run",
                function));
    }
}
