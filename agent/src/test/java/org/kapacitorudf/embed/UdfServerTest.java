package org.kapacitorudf.embed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.kapacitorudf.Context;
import org.kapacitorudf.Description;
import org.kapacitorudf.Handler;
import org.kapacitorudf.Udf;
import org.kapacitorudf.internal.channel.SocketFile;

@Timeout(600)
final class UdfServerTest {
    @TempDir
    private Path directory;

    private static Udf udf(String name) {
        return new Udf() {
            @Override
            public Description describe() {
                return Description.stream(name, "a function for tests");
            }

            @Override
            public Handler create(Context context) {
                return (point, output) -> {};
            }
        };
    }

    @Test
    void aPathThatIsTooLongIsRefusedEachTime() throws Exception {
        int room = SocketFile.MAX_PATH_BYTES - directory.toString().length() - 1;
        Path tooLong = directory.resolve("x".repeat(room + 1));
        UdfServer.Builder builder = UdfServer.builder().function(udf("a"), directory.resolve("a.sock"));
        try (UdfServer server = builder.build().start()) {
            for (int i = 0; i < 2; i++) {
                assertThatThrownBy(() -> server.serve(udf("b"), tooLong))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining(", 104 bytes (expected: <= 103 bytes)");
            }
            assertThat(server.isListening()).isTrue();
        }
    }
}
