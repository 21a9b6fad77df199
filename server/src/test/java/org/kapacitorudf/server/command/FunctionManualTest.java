package org.kapacitorudf.server.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.kapacitorudf.Context;
import org.kapacitorudf.Description;
import org.kapacitorudf.Handler;
import org.kapacitorudf.Udf;
import org.kapacitorudf.errors.FailurePolicy;
import org.kapacitorudf.option.Argument;
import org.kapacitorudf.option.Arguments;
import org.kapacitorudf.option.Option;
import org.kapacitorudf.server.plugin.Functions;

class FunctionManualTest {
    @Test
    void aFunctionsTickscriptIsShownAsItIs() {
        assertThat(FunctionManual.of(Functions.find("movingAvg")))
                .startsWith("""
                        movingAvg: mean of the last <size> values of a field, per group
                          takes a stream of points, gives a stream of points

                        Options
                          .field(string)  required, not empty            field to average, double or int
                          .size(int)      required, >= 1 and <= 1000000  points per window
                          .as(string)     default 'avg', not empty       name of the field that holds the mean

                        Notes
                        """)
                .endsWith("""
                          stream
                              |from()
                                  .measurement('cpu')
                                  .groupBy('host')
                              @movingAvg()
                                  .field('usage_user')
                                  .size(10)
                                  .as('mean')
                              |influxDBOut()
                                  .database('telegraf')
                                  .measurement('cpu_mean')
                        """);
    }

    @Test
    void aFunctionWithoutATickscriptGetsOne() {
        assertThat(FunctionManual.of(new Everything())).isEqualTo("""
                        everything: has options of every kind
                          takes batches, gives batches; one call may take 2m; restarts from its last snapshot after a failure

                        Options
                          .host(string)                  required, repeatable
                          .period(duration)              default 90s                 how long
                          .strict(bool)                  optional
                          .band(name string, width int)  optional
                          .token(string)                 required, kept out of logs

                        Example
                          stream
                              |from()
                                  .measurement('cpu')
                              |window()
                                  .period(1m)
                                  .every(1m)
                              @everything()
                                  .host('...')
                                  .period(90s)
                                  .strict(TRUE)
                                  .band('...', 1)
                                  .token('...')
                              |log()
                        """);
    }

    private static final class Everything implements Udf {
        private static final Option<List<String>> HOST =
                Option.string("host").required().repeated();
        private static final Option<Duration> PERIOD =
                Option.duration("period").orElse(Duration.ofSeconds(90)).help("how long");
        private static final Option<Optional<Boolean>> STRICT = Option.bool("strict");
        private static final Option<Optional<Arguments>> BAND =
                Option.tuple("band", Argument.string("name"), Argument.integer("width"));
        private static final Option<String> TOKEN =
                Option.string("token").required().secret();

        @Override
        public Description describe() {
            return Description.batch("everything", "has options of every kind")
                    .options(HOST, PERIOD, STRICT, BAND, TOKEN)
                    .callLimit(Duration.ofMinutes(2))
                    .onError(FailurePolicy.RESTART);
        }

        @Override
        public Handler create(Context context) {
            throw new UnsupportedOperationException();
        }
    }

    /** Its TICKscript, next to this class, uses an option that does not exist. */
    private static final class Changed implements Udf {
        @Override
        public Description describe() {
            return Description.stream("changed", "")
                    .options(Option.string("field").required());
        }

        @Override
        public Handler create(Context context) {
            return (point, output) -> {};
        }
    }

    @Test
    void aTickscriptWithAnOptionThatIsGoneIsNotShown() {
        assertThat(FunctionManual.of(new Changed()))
                .doesNotContain("old(")
                .contains("@changed()")
                .contains(".field('...')");
    }
}
