package org.kapacitorudf.server.install;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

class KapacitorConfTest {
    @Test
    void aProcess() {
        assertThat(KapacitorConf.process("mirror", "/opt/bin/kapacitor-udf", Map.of()))
                .isEqualTo("""
                        [udf.functions.mirror]
                            prog = "/opt/bin/kapacitor-udf"
                            args = ["run", "mirror"]
                            timeout = "10s"
                        """);
    }

    @Test
    void whatTheLauncherWasToldIsHandedOn() {
        assertThat(KapacitorConf.process("mirror", "/k", Map.of("JAVA_HOME", "/opt/jdk")))
                .endsWith("""
                            timeout = "10s"
                            [udf.functions.mirror.env]
                                JAVA_HOME = "/opt/jdk"
                        """);
    }

    @Test
    void aSocket() {
        assertThat(KapacitorConf.socket("mirror", Path.of("/run/x/mirror.sock")))
                .isEqualTo("""
                        [udf.functions.mirror]
                            socket = "/run/x/mirror.sock"
                            timeout = "10s"
                        """);
    }

    @Test
    void oddPathsAreQuoted() {
        assertThat(KapacitorConf.process("mirror", "/a \"b\"\\\tc/größe", Map.of()))
                .contains("prog = \"/a \\\"b\\\"\\\\\\u0009c/größe\"\n");
    }
}
