package org.kapacitorudf.forest;

import com.amazon.randomcutforest.RandomCutForest;
import com.amazon.randomcutforest.state.RandomCutForestMapper;
import com.amazon.randomcutforest.state.RandomCutForestState;
import com.amazon.randomcutforest.state.sampler.CompactSamplerState;
import com.amazon.randomcutforest.util.ArrayPacking;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A forest as it is stored in a snapshot: the points in the sample of each tree, without the trees. The trees would
 * double the size of a snapshot. {@link #replant} grows new trees from the same samples; these trees differ from the
 * old ones. After saving a forest, the caller must therefore continue with the result of {@link #replant}: a restored
 * forest then behaves identically.
 *
 * <p>Most of the size of a forest is its points and, for each sample, the indexes and random weights of the points that
 * it contains. These are stored as {@link Planes}, outside of the library's state. The points must have been
 * {@linkplain Planes#rounded rounded} before the forest saw them: the library fails if two points of a sample differ
 * before they are saved and are equal afterwards.
 *
 * <p>Threading: one thread at a time. The fields are saved in the snapshot.
 */
final class SavedForest {
    private static final byte[] NO_POINTS = {};
    private static final int[] NO_INDEXES = {};
    private static final float[] NO_WEIGHTS = {};

    private RandomCutForestState state = new RandomCutForestState();
    private byte[] points = NO_POINTS;

    /**
     * The sorted point indexes of each sample, stored as differences, sample after sample. The original order of the
     * points is not kept, because the library does not need it: it turns each sample into a heap ordered by weight.
     */
    private byte[] indexes = {};

    private byte[] weights = {};

    static SavedForest of(RandomCutForest forest) {
        RandomCutForestMapper mapper = new RandomCutForestMapper();
        mapper.setSaveExecutorContextEnabled(true);
        SavedForest saved = new SavedForest();
        saved.state = mapper.toState(forest);
        saved.points = Planes.of(
                ArrayPacking.unpackFloats(saved.state.getPointStoreState().getPointData()));
        saved.take(saved.state.getCompactSamplerStates());
        saved.strip();
        return saved;
    }

    private void take(List<CompactSamplerState> samplers) {
        int size = samplers.stream().mapToInt(CompactSamplerState::getSize).sum();
        int[] steps = new int[size];
        float[] sorted = new float[size];
        int at = 0;
        for (CompactSamplerState sampler : samplers) {
            int[] unsorted = ArrayPacking.unpackInts(sampler.getPointIndex(), sampler.isCompressed());
            long[] order = IntStream.range(0, unsorted.length)
                    .mapToLong(i -> (long) unsorted[i] << 32 | i)
                    .sorted()
                    .toArray();
            int last = 0;
            for (long each : order) {
                int index = (int) (each >> 32);
                steps[at] = index - last;
                sorted[at++] = sampler.getWeight()[(int) each];
                last = index;
            }
        }
        indexes = Planes.of(steps);
        weights = Planes.of(sorted);
    }

    private void strip() {
        state.getPointStoreState().setPointData(NO_POINTS);
        for (CompactSamplerState sampler : state.getCompactSamplerStates()) {
            sampler.setPointIndex(NO_INDEXES);
            sampler.setWeight(NO_WEIGHTS);
        }
    }

    /** Creates the forest. The same saved forest always gives the same forest. */
    RandomCutForest replant(long seed) {
        state.getPointStoreState().setPointData(ArrayPacking.pack(Planes.toFloats(points)));
        int[] steps = Planes.toInts(indexes);
        float[] sorted = Planes.toFloats(weights);
        int at = 0;
        for (CompactSamplerState sampler : state.getCompactSamplerStates()) {
            int end = at + sampler.getSize();
            int[] indexesOfOne = Arrays.copyOfRange(steps, at, end);
            Arrays.parallelPrefix(indexesOfOne, Integer::sum);
            sampler.setPointIndex(ArrayPacking.pack(indexesOfOne, sampler.isCompressed()));
            sampler.setWeight(Arrays.copyOfRange(sorted, at, end));
            at = end;
        }
        RandomCutForest forest = new RandomCutForestMapper().toModel(state, seed);
        strip();
        return forest;
    }
}
