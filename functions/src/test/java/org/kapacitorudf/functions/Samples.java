package org.kapacitorudf.functions;

import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import org.kapacitorudf.Udf;
import org.kapacitorudf.testkit.UdfDriver;

/** Every function of this module, as the tests about all of them start it. A function that is new gets a line here. */
final class Samples {
    /** Options by the function's name. Each reads the field {@code value} of a stream that is grouped by {@code host}. */
    private static final Map<String, Map<String, Object>> OPTIONS = Map.of(
            "deviation", Map.of("field", "value"),
            "baseline", Map.of("field", "value", "season", "day"),
            "timeTo", Map.of("field", "value", "threshold", 100.0),
            "smooth", Map.of("field", "value"));

    private Samples() {}

    static List<Udf> functions() {
        return ServiceLoader.load(Udf.class).stream()
                .map(ServiceLoader.Provider::get)
                .filter(udf -> udf.getClass().getPackage() == Samples.class.getPackage())
                .toList();
    }

    static UdfDriver start(Udf udf) {
        String name = udf.describe().name();
        Map<String, Object> options = OPTIONS.get(name);
        if (options == null) {
            throw new AssertionError("function: " + name + " (expected: a line in Samples)");
        }
        UdfDriver.Builder builder = UdfDriver.of(udf).groupBy("host");
        options.forEach(builder::option);
        return builder.start();
    }
}
