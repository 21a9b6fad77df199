package org.kapacitorudf.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.kapacitorudf.Batch;
import org.kapacitorudf.Context;
import org.kapacitorudf.Description;
import org.kapacitorudf.Fields;
import org.kapacitorudf.Handler;
import org.kapacitorudf.Handlers;
import org.kapacitorudf.Point;
import org.kapacitorudf.Udf;
import org.kapacitorudf.agent.AgentConfig;
import org.kapacitorudf.errors.NonFinite;

/** Output that no consumer accepts is not sent. */
class UnsoundResultsTest {
    /** A typical mistake: 0/0 is NaN. */
    private static final UnaryOperator<Point> RATIO =
            point -> point.withField("ratio", point.doubleField("used") / point.doubleField("total"));

    private static Udf function(UnaryOperator<Description> description, UnaryOperator<Point> result) {
        return new Udf() {
            @Override
            public Description describe() {
                return description.apply(Description.stream("made", ""));
            }

            @Override
            public Handler create(Context context) {
                return (point, output) -> output.point(result.apply(point));
            }
        };
    }

    private static UdfDriver driver(UnaryOperator<Point> result) {
        return UdfDriver.of(function(description -> description, result)).start();
    }

    @Test
    void aFieldThatIsNotFiniteIsDroppedAndTheRestIsSent() {
        UdfDriver driver = driver(RATIO);
        driver.pipe("m used=0,total=0 0", "m used=1,total=0 1", "m used=1,total=2 2");
        driver.expect("m used=0,total=0 0", "m used=1,total=0 1", "m used=1,total=2,ratio=0.5 2");
        assertThat(driver.nonFinite()).isEqualTo(2);
        assertThat(driver.errors()).isEmpty();
    }

    @Test
    void aPointWithoutAnotherFieldIsDropped() {
        UdfDriver driver = driver(point -> point.withFields(Fields.of("x", Math.log(point.doubleField("v")))));
        driver.pipe("m v=0 0", "m v=1 1");
        driver.expect("m x=0 1");
    }

    @Test
    void theLogHasOneLine() {
        UdfDriver driver = driver(RATIO);
        driver.pipe("m used=0,total=0 0", "m used=0,total=0 1", "m used=1,total=0 2");
        assertThat(driver.logs())
                .filteredOn(line -> line.contains("finite"))
                .containsExactly(
                        "WARN field \"ratio\": NaN (expected: a finite number); dropped, and so are further ones"
                                + " without a log line");
        driver.close();
        assertThat(driver.logs()).last().asString().contains("; not finite 3");
    }

    @Test
    void whatCameIsPassedOnAsItCame() {
        UdfDriver driver = driver(point -> point.withTag("seen", "yes"));
        driver.pipe("m v=NaN,w=-Inf 0");
        driver.expect("m,seen=yes v=NaN,w=-Inf 0");
        assertThat(driver.nonFinite()).isZero();
    }

    @Test
    void aFunctionOrTheOperatorMayKeepThem() {
        UdfDriver declared = UdfDriver.of(function(description -> description.nonFinite(NonFinite.KEEP), RATIO))
                .start();
        UdfDriver chosen = UdfDriver.of(function(description -> description.nonFinite(NonFinite.FAIL), RATIO))
                .config(AgentConfig.builder().nonFinite(NonFinite.KEEP).build())
                .start();
        for (UdfDriver driver : List.of(declared, chosen)) {
            driver.pipe("m used=0,total=0 0");
            driver.expect("m used=0,total=0,ratio=NaN 0");
        }
    }

    @Test
    void aFunctionMayFailOnThem() {
        UdfDriver driver = UdfDriver.of(function(description -> description.nonFinite(NonFinite.FAIL), RATIO))
                .start();
        driver.pipe("m used=0,total=0 0");
        assertThat(driver.error())
                .hasValueSatisfying(
                        error -> assertThat(error).contains("point: field \"ratio\": NaN (expected: a finite number)"));
    }

    @Test
    void theDescriptionNeedsAPolicyThatIsOne() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Description.stream("made", "").nonFinite(NonFinite.DECLARED))
                .withMessage("nonFinite: DECLARED (expected: KEEP, DROP or FAIL)");
    }

    @ParameterizedTest
    @EnumSource(NonFinite.class)
    void aPointWithoutFieldsIsRefusedWhateverThePolicy(NonFinite policy) {
        UdfDriver driver = UdfDriver.of(function(description -> description, point -> point.withFields(Fields.none())))
                .config(AgentConfig.builder().nonFinite(policy).build())
                .start();
        driver.pipe("m v=1 0");
        assertThat(driver.error())
                .hasValueSatisfying(
                        error -> assertThat(error).contains("point: fields: none (expected: at least one)"));
    }

    @Test
    void ofABatchThePointsThatAreLeftAreSentWithTheTrueSize() {
        Udf batches = new Udf() {
            @Override
            public Description describe() {
                return Description.batch("made", "");
            }

            @Override
            public Handler create(Context context) {
                return Handlers.batches(
                        context,
                        (Batch batch) -> batch.withPoints(batch.points().stream()
                                .map(point -> point.withFields(Fields.of("x", Math.log(point.doubleField("v")))))
                                .toList()));
            }
        };
        UdfDriver driver = UdfDriver.of(batches).start();
        driver.pipeBatch("m", 2, "m v=0 0", "m v=1 1");
        driver.expect("batch m until 2", "m x=0 1");
        assertThat(driver.nonFinite()).isEqualTo(1);
    }
}
