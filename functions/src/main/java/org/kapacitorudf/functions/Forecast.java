package org.kapacitorudf.functions;

import java.util.List;
import org.kapacitorudf.Context;
import org.kapacitorudf.Description;
import org.kapacitorudf.EdgeType;
import org.kapacitorudf.Handler;
import org.kapacitorudf.Point;
import org.kapacitorudf.option.Option;

/** Forecasts the next values of a series, with a band, as stream points. See {@link HorizonForecast}. */
public final class Forecast extends HorizonForecast {
    private static final Option<Boolean> LAST_ONLY =
            Option.flag("lastOnly").help("emit only the last step: one point per interval, in order of time");

    @Override
    public Description describe() {
        return description(
                "forecast",
                "the next values of a series and a band around them, as points",
                EdgeType.STREAM,
                "The forecasts are points of the stream, one for each interval of the horizon.",
                List.of(LAST_ONLY));
    }

    @Override
    public Handler create(Context context) {
        Horizons horizons = horizons(context);
        boolean lastOnly = context.option(LAST_ONLY);
        return (point, output) -> {
            List<Point> next = horizons.after(point);
            if (lastOnly && !next.isEmpty()) {
                output.point(next.get(next.size() - 1));
            } else {
                next.forEach(output::point);
            }
        };
    }
}
