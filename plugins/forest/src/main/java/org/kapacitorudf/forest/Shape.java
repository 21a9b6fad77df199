package org.kapacitorudf.forest;

import com.amazon.randomcutforest.RandomCutForest;
import java.util.List;

/**
 * The parameters shared by the forests of one node. Also creates the forests.
 *
 * <p>All random numbers come from one fixed seed: the same points give the same scores.
 *
 * <p>Threading: immutable, safe for use by any thread. The forests are for one thread at a time.
 *
 * @param fields the fields of the points, in order
 * @param shingle the number of consecutive points that the forest examines together
 * @param trees the number of trees
 * @param sample the number of points in the sample of a tree
 */
record Shape(List<String> fields, int shingle, int trees, int sample) {
    /** The maximum number of values per point of a forest. */
    static final int MOST_DIMENSIONS = 64;

    private static final long SEED = 20160619;

    /** Creates a forest without points. */
    RandomCutForest plant() {
        return RandomCutForest.builder()
                .dimensions(dimensions())
                .shingleSize(shingle)
                .internalShinglingEnabled(true)
                .numberOfTrees(trees)
                .sampleSize(sample)
                .outputAfter(fewestPoints())
                .randomSeed(SEED)
                .build();
    }

    /** Creates a forest from a saved one. The same saved forest always gives the same forest. */
    RandomCutForest replant(SavedForest saved) {
        return saved.replant(SEED);
    }

    /** The number of values of each point in the forest. */
    int dimensions() {
        return fields.size() * shingle;
    }

    /** The number of points before the first score. */
    int fewestPoints() {
        return Math.max(1, sample / 4);
    }

    /**
     * The maximum size of a group in an uncompressed snapshot: measured for forests that had seen 45 times
     * {@code sample} points, and rounded up. The trees have different samples, but many points in common; consecutive
     * points of a shingle are stored once.
     */
    long snapshotBytes() {
        long ofTrees = trees * (400L + 8L * sample);
        long storedPerSample = Math.min(1 + 65L * trees * shingle / 100, 50);
        return 2000 + ofTrees + 5L * fields.size() * lastPoints() + 4 * fields.size() * sample * storedPerSample;
    }

    /**
     * The number of points that a group keeps in addition to its forest. The forest is saved again whenever this many
     * points have been added.
     */
    int lastPoints() {
        return 4 * sample;
    }

    /** Identifies the shape in the state: a forest cannot be continued with another shape. */
    String key() {
        List<String> names = fields.stream()
                .map(field -> field.replace("\\", "\\\\").replace(",", "\\,"))
                .toList();
        return "fields " + String.join(",", names) + " shingle " + shingle + " trees " + trees + " sample " + sample;
    }
}
