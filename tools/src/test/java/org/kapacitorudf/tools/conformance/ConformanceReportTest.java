package org.kapacitorudf.tools.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;

class ConformanceReportTest {
    private static final Case MUST =
            Case.must("a-case", Case.Needs.NOTHING, "it <is> tried", "\"so\" & so", probe -> {});
    private static final Case MAY = Case.may("other", Case.Needs.NOTHING, "tried", "because", probe -> {});

    private final ConformanceReport report = new ConformanceReport(
            "./agent -x",
            List.of(
                    new CaseResult(MUST, Verdict.PASSED, "", Duration.ofMillis(1234)),
                    new CaseResult(MUST, Verdict.FAILED, "said \"\u0000\uD83D\uDE00\"\n<b>", Duration.ZERO),
                    new CaseResult(MAY, Verdict.FAILED, "no", Duration.ZERO),
                    new CaseResult(MAY, Verdict.NOT_APPLICABLE, "it has no options", Duration.ZERO)));

    @Test
    void aLineOfTheTableHasAllOfACaseThatFailed() {
        assertThat(ConformanceReport.line(report.results().get(1))).isEqualTo("""
                FAIL  MUST    a-case                      0.00 s  said " \uD83D\uDE00" <b>
                      tried: it <is> tried
                      why:   "so" & so
                """);
        assertThat(ConformanceReport.line(report.results().get(0)))
                .isEqualTo("pass  MUST    a-case                      1.23 s\n");
        assertThat(report.summary())
                .isEqualTo("1 passed, 2 failed (1 MUST, 0 SHOULD, 1 MAY), 1 not applicable" + System.lineSeparator());
    }

    @Test
    void aLevelCountsWithTheWorseOnes() {
        assertThat(report.failures(Severity.MUST)).isEqualTo(1);
        assertThat(report.failures(Severity.SHOULD)).isEqualTo(1);
        assertThat(report.failures(Severity.MAY)).isEqualTo(2);
    }

    @Test
    void theXmlCanBeReadWhateverTheAgentSaid() throws Exception {
        Document xml = DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(new ByteArrayInputStream(report.junitXml().getBytes(StandardCharsets.UTF_8)));
        Element suite = xml.getDocumentElement();
        assertThat(suite.getAttribute("tests")).isEqualTo("4");
        assertThat(suite.getAttribute("failures")).isEqualTo("2");
        assertThat(suite.getAttribute("skipped")).isEqualTo("1");
        Element failure = (Element) suite.getElementsByTagName("failure").item(0);
        assertThat(failure.getAttribute("message"))
                .startsWith("said \"?\uD83D\uDE00\"")
                .endsWith("<b>");
        assertThat(failure.getTextContent()).isEqualTo("it <is> tried\n\"so\" & so");
    }

    @Test
    void theJsonIsAsciiWhereItHasToBe() {
        assertThat(report.json())
                .startsWith(
                        "{\"agent\": \"./agent -x\", \"passed\": 1, \"failed\": 2, \"notApplicable\": 1, \"cases\": [")
                .contains("{\"name\": \"a-case\", \"level\": \"MUST\", \"verdict\": \"PASSED\", \"seconds\": 1.234, "
                        + "\"detail\": \"\", \"what\": \"it <is> tried\", \"why\": \"\\\"so\\\" & so\"}")
                .contains("\"detail\": \"said \\\"\\u0000\\ud83d\\ude00\\\"\\u000a<b>\"");
    }
}
