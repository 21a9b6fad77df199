package org.kapacitorudf.server.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import org.junit.jupiter.api.Test;

class StatusCheckTest {
    @Test
    void anIpv6AddressIsInBrackets() {
        assertThat(StatusCheck.url(new InetSocketAddress("::1", 9274))).isEqualTo("http://[0:0:0:0:0:0:0:1]:9274");
        assertThat(StatusCheck.url(new InetSocketAddress("127.0.0.1", 9274))).isEqualTo("http://127.0.0.1:9274");
    }
}
