package org.kapacitorudf.tools.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.kapacitorudf.client.Frames;
import org.kapacitorudf.proto.Point;
import org.kapacitorudf.proto.Request;
import org.kapacitorudf.proto.Request.MessageCase;

class TrafficTest {
    @Test
    void aPointIsWhatAMonitoredHostSends() {
        Traffic traffic = Traffic.points(100);
        List<Request> requests = Frames.requests(traffic.frames());
        assertThat(requests).hasSize(traffic.points()).allSatisfy(request -> {
            Point point = request.getPoint();
            assertThat(Frames.encode(request).length).isBetween(233, 250);
            assertThat(point.getTagsMap()).hasSize(4);
            assertThat(point.getFieldsDoubleMap()).hasSize(3);
            assertThat(point.getFieldsIntMap()).hasSize(1);
            assertThat(point.getFieldsStringMap()).hasSize(1);
        });
        Set<String> groups =
                requests.stream().map(request -> request.getPoint().getGroup()).collect(Collectors.toSet());
        assertThat(groups).hasSize(100);
    }

    @Test
    void aBatchHasAsManyPointsAsItsBeginSays() {
        Traffic traffic = Traffic.batches(3, 2);
        List<Request> requests = Frames.requests(traffic.frames());
        assertThat(requests).hasSize(5 * traffic.batches());
        for (int i = 0; i < requests.size(); i += 5) {
            assertThat(requests.subList(i, i + 5))
                    .extracting(Request::getMessageCase)
                    .containsExactly(
                            MessageCase.BEGIN,
                            MessageCase.POINT,
                            MessageCase.POINT,
                            MessageCase.POINT,
                            MessageCase.END);
            assertThat(requests.get(i).getBegin().getSize()).isEqualTo(3);
        }
        assertThat(traffic.points()).isEqualTo(3 * traffic.batches());
    }

    @Test
    void itMayStopBetweenBatchesOnly() {
        Traffic traffic = Traffic.batches(3, 2);
        int stop = traffic.stopAfter(0);
        assertThat(traffic.isStop(stop)).isTrue();
        assertThat(traffic.pointsUpTo(stop)).isEqualTo(3);
        assertThat(traffic.batchesUpTo(stop)).isEqualTo(1);
        int firstFrame = traffic.frameEndAfter(0);
        assertThat(traffic.isFrameEnd(firstFrame)).isTrue();
        assertThat(traffic.isStop(firstFrame)).isFalse();
    }
}
