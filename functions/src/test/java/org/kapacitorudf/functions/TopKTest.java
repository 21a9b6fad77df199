package org.kapacitorudf.functions;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.kapacitorudf.testkit.UdfDriver;

class TopKTest {
    private static final long MINUTE = 60_000_000_000L;

    private final UdfDriver driver =
            builder().option("field", "value").option("k", 2).start();

    @Test
    void theValuesThatComeMostOftenInTheWindowComeOutInTheirOrder() {
        driver.pipe("m value=\"a\" 0", "m value=\"b\" 1", "m value=\"b\" 2", "m value=\"c\" 3");
        driver.pipe("m value=\"c\" " + MINUTE, "m value=\"c\" " + 5 * MINUTE);
        driver.pipe("m value=\"d\" " + 20 * MINUTE);
        driver.expect(
                "m,rank=1 count=2i,error=0i,item=\"b\",share=0.5 " + MINUTE,
                "m,rank=2 count=1i,error=0i,item=\"a\",share=0.25 " + MINUTE,
                "m,rank=1 count=2i,error=0i,item=\"b\",share=0.4 " + 2 * MINUTE,
                "m,rank=2 count=2i,error=0i,item=\"c\",share=0.4 " + 2 * MINUTE,
                "m,rank=1 count=2i,error=0i,item=\"c\",share=1.0 " + 6 * MINUTE);
    }

    @Test
    void valuesOfAllTypesAreTakenAsText() {
        UdfDriver all = builder().option("field", "value").start();
        all.pipe("m value=1 0", "m value=1i 1", "m value=\"1\" 2", "m value=true 3", "m value=true 4", "m value=0.5 5");
        all.pipe("m value=1 " + MINUTE);
        all.expect(
                "m,rank=1 count=3i,error=0i,item=\"1\",share=0.5 " + MINUTE,
                "m,rank=2 count=2i,error=0i,item=\"true\",share=" + 2 / 6.0 + " " + MINUTE,
                "m,rank=3 count=1i,error=0i,item=\"0.5\",share=" + 1 / 6.0 + " " + MINUTE);
    }

    @Test
    void aTagIsCountedTooAndTheResultKeepsTheTagsOfTheGroup() {
        UdfDriver tags = builder()
                .option("tag", "client")
                .option("as", "client_")
                .groupBy("host")
                .start();
        tags.pipe("m,client=x,host=a value=1 0", "m,client=x,host=a value=2 1", "m,host=a value=3 0");
        tags.pipe("m,client=y,host=a value=1 " + MINUTE);
        tags.expect(
                "m,client_rank=1,host=a client_count=2i,client_error=0i,client_item=\"x\",client_share=1 " + MINUTE);
        assertThat(tags.skipped()).hasSize(1);
    }

    @Test
    void withFewCountersACountSaysByHowMuchItMayBeTooHigh() {
        UdfDriver few = builder()
                .option("field", "value")
                .option("k", 2)
                .option("counters", 2)
                .start();
        few.pipe("m value=\"a\" 0", "m value=\"a\" 1", "m value=\"b\" 2", "m value=\"c\" 3");
        few.pipe("m value=\"c\" " + MINUTE, "m value=\"c\" " + (MINUTE + 1), "m value=\"d\" " + 2 * MINUTE);
        few.expect(
                "m,rank=1 count=2i,error=0i,item=\"a\",share=0.5 " + MINUTE,
                "m,rank=2 count=1i,error=0i,item=\"b\",share=0.25 " + MINUTE,
                "m,rank=1 count=3i,error=1i,item=\"c\",share=0.5 " + 2 * MINUTE,
                "m,rank=2 count=2i,error=0i,item=\"a\",share=" + 2 / 6.0 + " " + 2 * MINUTE);
    }

    @Test
    void aTextThatIsTooLongIsSkipped() {
        UdfDriver brief =
                builder().option("field", "value").option("maxLength", 3).start();
        brief.pipe("m value=\"abcd\" 0", "m value=\"abc\" 1", "m value=\"x\" " + MINUTE);
        brief.expect("m,rank=1 count=1i,error=0i,item=\"abc\",share=1 " + MINUTE);
        assertThat(brief.skipped()).hasSize(1);
    }

    @Test
    void aGroupWithATagOfTheNameOfTheRankEndsTheTask() {
        UdfDriver ranked = builder().option("field", "value").groupBy("rank").start();
        ranked.pipe("m,rank=9 value=1 0", "m,rank=9 value=1 " + MINUTE);
        assertThat(ranked.error())
                .hasValueSatisfying(text -> assertThat(text).contains("groupBy: 'rank' (expected: another tag; or "));
    }

    @Test
    void optionsThatCannotBeAreRefused() {
        assertThatThrownBy(() -> builder().option("k", 3).start())
                .hasMessageContaining("field, tag: none (expected: one of them)");
        assertThatThrownBy(() -> field().option("k", 0).start()).hasMessageContaining("k: 0 (expected: ");
        assertThatThrownBy(() -> field().option("k", 101).start()).hasMessageContaining("k: 101 (expected: ");
        assertThatThrownBy(() -> field().option("counters", 9).start())
                .hasMessageContaining("counters: 9 (expected: >= k, 10)");
        assertThatThrownBy(() -> field().option("counters", 2001).start())
                .hasMessageContaining("counters: 2001 (expected: ");
        assertThatThrownBy(() -> field().option("maxLength", 1001).start())
                .hasMessageContaining("maxLength: 1001 (expected: ");
        assertThatThrownBy(() -> field().option("maxLength", 0).start())
                .hasMessageContaining("maxLength: 0 (expected: ");
    }

    private static UdfDriver.Builder field() {
        return builder().option("field", "value");
    }

    private static UdfDriver.Builder builder() {
        return UdfDriver.of(new TopK());
    }
}
