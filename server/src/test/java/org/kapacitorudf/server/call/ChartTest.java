package org.kapacitorudf.server.call;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.kapacitorudf.Point;
import org.kapacitorudf.server.Browser;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

@Tag("slow")
@Timeout(600)
@Tag("one-jdk")
class ChartTest {
    @TempDir
    private Path directory;

    private static Point judged(String host, long second, double value, int anomaly) {
        return Lines.point("cpu,host=" + host + " value=" + value + ",other=3 " + second * 1_000_000_000, "host")
                .withField("expected", 1.0)
                .withField("lower", -0.123456789)
                .withField("upper", 2.0)
                .withField("anomaly", anomaly);
    }

    private String page(Chart chart) throws IOException {
        Path file = directory.resolve("chart.html");
        chart.write(file);
        return Files.readString(file);
    }

    private JsonNode data(Chart chart) throws IOException {
        String page = page(chart);
        String begin = "<script id=\"data\" type=\"application/json\">";
        int from = page.indexOf(begin) + begin.length();
        return JsonMapper.shared().readTree(page.substring(from, page.indexOf("</script>", from)));
    }

    @Test
    void aDetectorsChartHasTheFieldTheBandAndTheAnomaliesOfEachGroup() throws IOException {
        Chart chart = new Chart("t", Optional.of("value"), 100);
        chart.out(judged("b", 5, 7, 1));
        chart.out(judged("a", 4, 1, 0));
        chart.out(judged("b", 3, 1, 0));
        JsonNode data = data(chart);
        assertThat(data.get("detector").get("upper").asString()).isEqualTo("upper");
        assertThat(data.get("groups").size()).isEqualTo(2);
        JsonNode b = data.get("groups").get(1);
        assertThat(b.get("name").asString()).isEqualTo("cpu,host=b");
        assertThat(b.get("millis").toString()).isEqualTo("[3000,5000]");
        assertThat(b.get("lines").toString())
                .isEqualTo("{\"anomaly\":[0,1],\"expected\":[1,1],\"lower\":[-0.1234568,-0.1234568],"
                        + "\"upper\":[2,2],\"value\":[1,7]}");
    }

    @Test
    void anotherFunctionsChartHasALineForEachNumber() throws IOException {
        Chart chart = new Chart("t", Optional.of("value"), 100);
        chart.out(Lines.point("cpu a=1,b=2i,c=\"x\",d=NaN 0"));
        chart.out(Lines.point("cpu a=3 1000000000"));
        assertThat(data(chart).get("detector")).isNull();
        assertThat(data(chart).get("groups").get(0).get("lines").toString()).isEqualTo("{\"a\":[1,3],\"b\":[2,null]}");
    }

    @Test
    void pointsBeyondTheLimitAreCountedAndLeftOut() throws IOException {
        Chart chart = new Chart("t", Optional.empty(), 2);
        for (int i = 0; i < 5; i++) {
            chart.out(judged("a", i, 1, 0));
        }
        assertThat(chart.drawn()).isEqualTo(2);
        assertThat(chart.leftOut()).isEqualTo(3);
        assertThat(data(chart).get("groups").get(0).get("millis").size()).isEqualTo(2);
    }

    @Test
    void noNameCanEndTheScript() throws IOException {
        Chart chart = new Chart("<b>&", Optional.of("</script>"), 100);
        chart.out(Lines.point("</script><x> a\"b=1 0"));
        assertThat(page(chart)).contains("<title>&lt;b&gt;&amp;</title>").doesNotContain("</script><x>");
        assertThat(data(chart).get("groups").get(0).get("name").asString()).isEqualTo("</script><x>");
    }

    /** The DOM of a page in a browser. */
    private String dom(Path page) throws Exception {
        return Browser.dom(directory, page, Duration.ofSeconds(10));
    }

    @Test
    void aBrowserDrawsIt() throws Exception {
        Chart chart = new Chart("t", Optional.of("value"), 200_000);
        for (int i = 0; i < 100_000; i++) {
            chart.out(judged("a", i, i % 7, i == 5_000 ? 1 : 0));
        }
        chart.out(judged("b", 1, 1, 0));
        page(chart);
        assertThat(dom(directory.resolve("chart.html")))
                .contains("data-ready=\"true\"")
                .contains("100,001 points, 2 groups, 1 anomaly")
                .contains("cpu,host=a: 1 anomaly")
                .contains("<canvas");
    }

    @Test
    void onAPhoneNothingIsWiderThanTheScreen() throws Exception {
        Chart chart = new Chart("title".repeat(40), Optional.of("value"), 1_000);
        for (int i = 0; i < 100; i++) {
            chart.out(judged("long".repeat(40), i, 1e15 + i, i == 50 ? 1 : 0));
            chart.out(judged("b", i, -1e-6 * i, 0));
        }
        page(chart);
        // A browser window cannot be as narrow as a phone.
        Path phone = Files.writeString(directory.resolve("phone.html"), """
                <iframe src="chart.html" style="width: 360px; height: 800px" onload="
                    const inner = this.contentDocument, root = inner.documentElement;
                    document.title = inner.body.dataset.ready + ' ' + (root.scrollWidth <= root.clientWidth);"></iframe>
                """);
        assertThat(dom(phone)).contains("<title>true true</title>");
    }
}
