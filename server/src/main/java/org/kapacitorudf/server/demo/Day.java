package org.kapacitorudf.server.demo;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.kapacitorudf.client.Points;

/**
 * The temperatures of several hosts over a day, with one value per host per minute. The values form a wave with noise
 * and a few known spikes, and are the same in every run.
 *
 * <p>Threading: immutable.
 */
final class Day {
    static final int MINUTES = 24 * 60;
    static final String FIELD = "celsius";

    private static final Instant MIDNIGHT = Instant.parse("2024-06-21T00:00:00Z");
    private static final long SEED = 20240621;
    private static final double WAVE_DEGREES = 8;
    private static final double NOISE_DEGREES = 1.2;
    private static final int SPIKES_PER_HOST = 4;
    private static final double SMALLEST_SPIKE_DEGREES = 9;
    private static final double LARGEST_SPIKE_DEGREES = 13;

    /**
     * A planted outlier.
     *
     * @param degrees the difference from the regular value, which may be negative
     */
    record Spike(int minute, String host, double degrees) {}

    private final Map<String, double[]> celsius = new LinkedHashMap<>();
    private final List<Spike> spikes = new ArrayList<>();

    private Day() {
        Random random = new Random(SEED);
        addHost("web1", 52, 15, random);
        addHost("web2", 49, 17, random);
        addHost("db1", 58, 3, random);
        spikes.sort(Comparator.comparingInt(Spike::minute));
    }

    static Day recorded() {
        return new Day();
    }

    private void addHost(String host, double mean, int warmestHour, Random random) {
        double[] values = new double[MINUTES];
        for (int minute = 0; minute < MINUTES; minute++) {
            double angle = 2 * Math.PI * (minute - 60 * warmestHour) / MINUTES;
            values[minute] = mean + WAVE_DEGREES * Math.cos(angle) + NOISE_DEGREES * random.nextGaussian();
        }
        // One spike in each part of the day.
        int part = MINUTES / SPIKES_PER_HOST;
        for (int i = 0; i < SPIKES_PER_HOST; i++) {
            int minute = i * part + random.nextInt(part);
            double size =
                    SMALLEST_SPIKE_DEGREES + (LARGEST_SPIKE_DEGREES - SMALLEST_SPIKE_DEGREES) * random.nextDouble();
            double degrees = random.nextBoolean() ? size : -size;
            values[minute] += degrees;
            spikes.add(new Spike(minute, host, degrees));
        }
        for (int minute = 0; minute < MINUTES; minute++) {
            values[minute] = Math.round(100 * values[minute]) / 100.0;
        }
        celsius.put(host, values);
    }

    List<String> hosts() {
        return List.copyOf(celsius.keySet());
    }

    /** The temperatures of a host, minute by minute. */
    double[] celsius(String host) {
        double[] values = celsius.get(host);
        if (values == null) {
            throw new IllegalArgumentException("host: " + host + " (expected: one of " + celsius.keySet() + ")");
        }
        return values.clone();
    }

    /** The spikes, in order of time. */
    List<Spike> spikes() {
        return List.copyOf(spikes);
    }

    /**
     * The points of all hosts in order of time, grouped by host.
     *
     * @param toMinute exclusive
     */
    Points points(int fromMinute, int toMinute) {
        List<String> lines = new ArrayList<>();
        for (int minute = fromMinute; minute < toMinute; minute++) {
            for (Map.Entry<String, double[]> host : celsius.entrySet()) {
                lines.add("cpu_temp,host=" + host.getKey() + " " + FIELD + "=" + host.getValue()[minute] + " "
                        + nanos(minute));
            }
        }
        return Points.of(lines.toArray(new String[0])).groupBy("host").in("telegraf", "autogen");
    }

    private static long nanos(int minute) {
        return TimeUnit.SECONDS.toNanos(MIDNIGHT.plusSeconds(60L * minute).getEpochSecond());
    }

    /** The minute of the day of a point's time. */
    static int minute(long nanos) {
        return (int) (TimeUnit.NANOSECONDS.toMinutes(nanos) - TimeUnit.SECONDS.toMinutes(MIDNIGHT.getEpochSecond()));
    }

    /** A minute as a time of day: {@code 09:05}. */
    static String clock(int minute) {
        return String.format(Locale.ROOT, "%02d:%02d", minute / 60, minute % 60);
    }
}
