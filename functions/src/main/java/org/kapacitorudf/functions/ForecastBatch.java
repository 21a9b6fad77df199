package org.kapacitorudf.functions;

import java.util.List;
import org.kapacitorudf.Batch;
import org.kapacitorudf.Context;
import org.kapacitorudf.Description;
import org.kapacitorudf.EdgeType;
import org.kapacitorudf.Handler;
import org.kapacitorudf.Point;

/**
 * Forecasts the next values of a series, with a band, as a batch, for alerts on the whole horizon. See
 * {@link HorizonForecast}.
 */
public final class ForecastBatch extends HorizonForecast {
    @Override
    public Description describe() {
        return description(
                "forecastBatch",
                "the next values of a series and a band around them, as a batch",
                EdgeType.BATCH,
                "The forecasts are a batch: one point for each interval of the horizon.",
                List.of());
    }

    @Override
    public Handler create(Context context) {
        Horizons horizons = horizons(context);
        return (point, output) -> {
            List<Point> next = horizons.after(point);
            if (!next.isEmpty()) {
                output.batch(Batch.ofStream(next));
            }
        };
    }
}
