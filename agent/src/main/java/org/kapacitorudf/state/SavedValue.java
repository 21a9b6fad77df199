package org.kapacitorudf.state;

import java.util.Map;
import java.util.Objects;
import org.kapacitorudf.errors.UdfException;

/**
 * One value of a snapshot as it was saved, for a {@link Migration} to change.
 *
 * <p>It consists of {@code Map<String, Object>} (an object's fields), {@code List<Object>}, {@code String}, {@code Boolean}, {@code byte[]}, null and numbers, which
 * are an {@code Integer}, {@code Long}, {@code BigInteger}, {@code Float}, {@code Double} or {@code BigDecimal}, whatever holds them: take them as a
 * {@code Number}. Maps and lists may be changed.
 *
 * <p>Threading: one thread.
 */
public final class SavedValue {
    private final int version;
    private final String state;
    private Object value;

    /**
     * @param version that of the function which saved it
     * @param state the name of the state
     */
    public SavedValue(int version, String state, Object value) {
        this.version = version;
        this.state = Objects.requireNonNull(state, "state");
        this.value = Objects.requireNonNull(value, "value");
    }

    /** The version of the function which saved it, lower than today's. */
    public int version() {
        return version;
    }

    /** The name of the state that it belongs to. */
    public String state() {
        return state;
    }

    /** The fields of an object, by name, to be read and changed. {@link UdfException} if the value is no object. */
    @SuppressWarnings("unchecked") // a map among these types has strings for keys
    public Map<String, Object> fields() {
        if (value instanceof Map<?, ?> fields) {
            return (Map<String, Object>) fields;
        }
        throw new UdfException(
                "state \"" + state + "\": " + value.getClass().getSimpleName() + " (expected: an object with fields)");
    }

    public Object value() {
        return value;
    }

    /** Replaces the value as a whole. */
    public void set(Object value) {
        this.value = Objects.requireNonNull(value, "value");
    }
}
