package org.kapacitorudf.state;

import java.util.Map;
import java.util.Objects;
import org.kapacitorudf.errors.UdfException;

/**
 * A value that was saved in a snapshot. It is passed to a {@link Migration}.
 *
 * <p>It consists of {@code Map<String, Object>} (an object's fields), {@code List<Object>}, {@code String},
 * {@code Boolean}, {@code byte[]}, null, and numbers, each of which is an {@code Integer}, {@code Long},
 * {@code BigInteger}, {@code Float}, {@code Double} or {@code BigDecimal}. The class of a number may differ from the
 * declared one, so read numbers as {@code Number}. Maps and lists may be modified.
 *
 * <p>Threading: one thread at a time.
 */
public final class SavedValue {
    private final int version;
    private final String state;
    private Object value;

    /**
     * @param version the version of the function that saved the value
     * @param state the name of the state
     */
    public SavedValue(int version, String state, Object value) {
        this.version = version;
        this.state = Objects.requireNonNull(state, "state");
        this.value = Objects.requireNonNull(value, "value");
    }

    /** The version of the function that saved the value. It is lower than the current version. */
    public int version() {
        return version;
    }

    /** The name of the state to which the value belongs. */
    public String state() {
        return state;
    }

    /**
     * Returns the fields of an object, by name. The map may be modified.
     *
     * @throws UdfException if the value is not an object
     */
    @SuppressWarnings("unchecked") // maps of these types have string keys
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

    /** Replaces the whole value. */
    public void set(Object value) {
        this.value = Objects.requireNonNull(value, "value");
    }
}
