package org.kapacitorudf.internal.wire;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Makes points of bytes, and gives their bytes away, without a copy. That is for the agent alone: in {@code Point} these
 * methods are not public, and no exported package has them. {@code Point} sets this when it is initialised.
 *
 * <p>Threading: safe for any thread.
 *
 * @param <P> {@code org.kapacitorudf.Point}, which nothing in this package may depend on
 */
public abstract class PointAccess<P> {
    private static volatile @Nullable PointAccess<?> instance;

    protected PointAccess() {}

    /** For {@code Point} alone. */
    public static void set(PointAccess<?> access) {
        instance = access;
    }

    /** Returns the access to points, whose class is given. */
    @SuppressWarnings("unchecked") // there is one such class, which sets the instance itself
    public static <P> PointAccess<P> of(Class<P> pointClass) {
        ClassInitializer.initialize(pointClass);
        return (PointAccess<P>) Objects.requireNonNull(instance);
    }

    /**
     * Makes a point of its encoding, the protobuf message {@code agent.Point}. All is checked but the texts, which are
     * checked when they are read. The array is the point's from now on: nobody may change it.
     *
     * @throws MalformedMessageException if a protobuf parser would not accept the bytes
     */
    public abstract P decode(byte[] bytes, int offset, int length);

    /** Gives the encoding of a point, in one piece, to a sink that keeps {@linkplain ByteSink its word}. */
    public abstract void encodedTo(P point, ByteSink sink);
}
