package org.kapacitorudf.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

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
        assertThat(new OpsOptions(null, 1, 1, 0).maxNodes()).isEqualTo(1);
        assertThatThrownBy(() -> new OpsOptions(null, 0, 1, 0)).hasMessage("--max-metrics-nodes: 0 (expected: >= 1)");
        assertThatThrownBy(() -> new OpsOptions(null, 1, 0, 0)).hasMessage("--max-metrics-clients: 0 (expected: >= 1)");
        assertThatThrownBy(() -> new OpsOptions(null, 1, 1, -1))
                .hasMessage("--max-abandoned-calls: -1 (expected: >= 0)");
    }
}
