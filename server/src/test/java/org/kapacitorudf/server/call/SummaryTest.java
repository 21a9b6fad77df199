package org.kapacitorudf.server.call;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.kapacitorudf.Point;

class SummaryTest {
    private static final long HOUR = 3_600_000_000_000L;

    private final Summary summary = new Summary();

    private void point(String host, long hour, int anomaly) {
        Point in = Lines.point("cpu,host=" + host + " value=1 " + hour * HOUR, "host");
        summary.in(in);
        summary.out(in.withField("expected", 1.0)
                .withField("lower", 0.0)
                .withField("upper", 2.0)
                .withField("anomaly", anomaly));
    }

    @Test
    void theTableHasTheAlertsOfEachGroup() {
        for (int hour = 0; hour <= 7 * 24; hour++) {
            point("a", hour, hour == 24 ? 1 : hour == 30 ? -1 : 0);
            point("b", hour, 0);
        }
        assertThat(summary.table()).isEqualTo("""
                group            points    alerts   a week  longest quiet  first alert           last alert
                cpu,host=a          169         2      2.0         5d 18h  1970-01-02T00:00:00Z  1970-01-02T06:00:00Z
                cpu,host=b          169         0      0.0          7d 0h  -                     -
                """);
    }

    @Test
    void aGroupOfOnePointHasNoRate() {
        point("a", 3, 1);
        assertThat(summary.table())
                .contains("cpu,host=a            1         1        -             0s  1970-01-01T03:00:00Z");
    }

    @Test
    void aDetectorThatEmitsOnlyAnomaliesHasNoneInTheOtherGroups() {
        point("a", 3, 1);
        summary.in(Lines.point("cpu,host=b value=1 5", "host"));
        assertThat(summary.table()).contains("cpu,host=b            1         0");
        assertThat(summary.countsAlerts()).isTrue();
    }

    @Test
    void ofAFunctionThatIsNoDetectorThePointsAreCounted() {
        // A field with that name alone is not sufficient.
        Point point = Lines.point("cpu anomaly=1i 5");
        summary.in(point);
        summary.in(point);
        summary.out(point);
        summary.out(Lines.point("other v=1 5"));
        assertThat(summary.table()).isEqualTo("""
                group    points in   points out
                cpu              2            1
                other            0            1
                """);
        assertThat(summary.countsAlerts()).isFalse();
    }
}
