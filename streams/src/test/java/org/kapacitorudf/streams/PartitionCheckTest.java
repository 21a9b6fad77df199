package org.kapacitorudf.streams;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

final class PartitionCheckTest {
    private static byte[] group(int number) {
        return ByteBuffer.allocate(4).putInt(number).array();
    }

    @Test
    void aGroupInTwoPartitionsIsSeen() {
        PartitionCheck check = new PartitionCheck(true, "f");
        check.see(group(1), 0);
        check.see(group(1), 0);
        check.see(group(2), 1);
        assertThat(check.isBroken()).isFalse();
        check.see(group(2), 0);
        assertThat(check.isBroken()).isTrue();
    }

    @Test
    void itRemembersABoundedNumberOfGroups() {
        PartitionCheck check = new PartitionCheck(true, "f");
        for (int i = 0; i <= PartitionCheck.MAX_GROUPS; i++) {
            check.see(group(i), 0);
        }
        check.see(group(PartitionCheck.MAX_GROUPS), 1);
        assertThat(check.isBroken()).isFalse();
        check.see(group(0), 1);
        assertThat(check.isBroken()).isTrue();
    }
}
