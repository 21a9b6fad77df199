package org.kapacitorudf.server.options;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

class OpsOptionsTest {
    @ParameterizedTest
    @CsvSource({
        "9274, 127.0.0.1, 9274",
        "0, 127.0.0.1, 0",
        "0.0.0.0:65535, 0.0.0.0, 65535",
        "[::1]:9274, 0:0:0:0:0:0:0:1, 9274",
    })
    void anAddressIsThisMachinesUnlessAHostSaysOtherwise(String text, String host, int port) {
        assertThat(OpsOptions.parseAddress(text).getAddress().getHostAddress()).isEqualTo(host);
        assertThat(OpsOptions.parseAddress(text).getPort()).isEqualTo(port);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ":9274", "65536", "host", "host:", "::1:9274", "-1", "1e3"})
    void anythingElseIsRefused(String text) {
        assertThatThrownBy(() -> OpsOptions.parseAddress(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(text + " (expected: PORT, HOST:PORT or [IPV6]:PORT)");
    }

    @Test
    void limitsHaveToLeaveSomething() {
        assertThat(options(1, 1, 1024, 1024, 1, 0).maxNodes()).isEqualTo(1);
        assertThat(options(1, 1, 1 << 20, 1 << 20, 1, 0).maxHeaderBytes()).isEqualTo(1 << 20);
        assertThatThrownBy(() -> options(0, 1, 1024, 1024, 1, 0)).hasMessage("--max-metrics-nodes: 0 (expected: >= 1)");
        assertThatThrownBy(() -> options(1, 0, 1024, 1024, 1, 0))
                .hasMessage("--max-metrics-clients: 0 (expected: >= 1)");
        assertThatThrownBy(() -> options(1, 1, 1023, 1024, 1, 0))
                .hasMessage("--max-metrics-request-line-bytes: 1023 (expected: 1024 to 1048576)");
        assertThatThrownBy(() -> options(1, 1, 1024, (1 << 20) + 1, 1, 0))
                .hasMessage("--max-metrics-header-bytes: 1048577 (expected: 1024 to 1048576)");
        assertThatThrownBy(() -> options(1, 1, 1024, 1024, 0, 0))
                .hasMessage("--metrics-timeout: 0s (expected: >= 1ms)");
        assertThatThrownBy(() -> options(1, 1, 1024, 1024, 1, -1))
                .hasMessage("--max-abandoned-calls: -1 (expected: >= 0)");
    }

    private static OpsOptions options(
            int nodes, int clients, int lineBytes, int headerBytes, int millis, int abandonedCalls) {
        OpsOptions options = new OpsOptions();
        Converters.addTo(new CommandLine(options))
                .parseArgs(
                        "--max-metrics-nodes=" + nodes,
                        "--max-metrics-clients=" + clients,
                        "--max-metrics-request-line-bytes=" + lineBytes,
                        "--max-metrics-header-bytes=" + headerBytes,
                        "--metrics-timeout=" + millis + "ms",
                        "--max-abandoned-calls=" + abandonedCalls);
        return options.checked();
    }
}
