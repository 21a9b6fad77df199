package org.kapacitorudf.internal.wire;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Creates points from bytes and exposes their bytes, without a copy. Only the agent has access to these methods, which
 * are not public in {@code Point}. {@code Point} sets the instance when it is initialised.
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

    /** Returns the access to points, given their class. */
    @SuppressWarnings("unchecked") // there is one such class, which sets the instance
    public static <P> PointAccess<P> of(Class<P> pointClass) {
        ClassInitializer.initialize(pointClass);
        return (PointAccess<P>) Objects.requireNonNull(instance);
    }

    /**
     * Creates a point from its encoding, the protobuf message {@code agent.Point}. Everything is checked except texts,
     * which are checked when they are read. The point owns the array, which must not be changed afterwards.
     *
     * @throws MalformedMessageException if a protobuf parser would not accept the bytes
     */
    public abstract P decode(byte[] bytes, int offset, int length);

    /** Writes the encoding of a point, in one piece, to a sink that keeps {@linkplain ByteSink its contract}. */
    public abstract void encodedTo(P point, ByteSink sink);
}
