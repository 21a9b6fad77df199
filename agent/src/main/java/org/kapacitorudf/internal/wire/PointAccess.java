package org.kapacitorudf.internal.wire;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Gives the agent access to methods of {@code Point} that are not public: they create points from bytes and expose the
 * bytes of points, without a copy. {@code Point} sets the only instance when it is initialised.
 *
 * <p>Threading: safe for use by any thread.
 *
 * @param <P> {@code org.kapacitorudf.Point}, on which this package must not depend
 */
public abstract class PointAccess<P> {
    private static volatile @Nullable PointAccess<?> instance;

    protected PointAccess() {}

    /** Sets the instance. For {@code Point} only. */
    public static void set(PointAccess<?> access) {
        instance = access;
    }

    /**
     * Returns the instance.
     *
     * @param pointClass {@code Point}, which is initialised if necessary
     */
    @SuppressWarnings("unchecked") // Point has set the instance
    public static <P> PointAccess<P> of(Class<P> pointClass) {
        ClassInitializer.initialize(pointClass);
        return (PointAccess<P>) Objects.requireNonNull(instance);
    }

    /**
     * Creates a point from its encoding, the protobuf message {@code agent.Point}. Everything is checked except
     * strings, which are checked when they are read. The point owns the array, which must not be changed afterwards.
     *
     * @throws MalformedMessageException if a protobuf parser would not accept the bytes
     */
    public abstract P decode(byte[] bytes, int offset, int length);

    /** Writes the encoding of a point to a sink, in one piece. The sink must obey the contract of {@link ByteSink}. */
    public abstract void encodedTo(P point, ByteSink sink);
}
