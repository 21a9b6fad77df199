package org.kapacitorudf.option;

import java.util.List;
import java.util.Optional;

/**
 * How often an option may be given, and how the values of its uses become the value that the function gets.
 *
 * @param <V> the type of the value of one use
 * @param <T> the type of the value that the function gets
 */
sealed interface Presence<V, T> {
    /**
     * Combines the values given each time the option was used into the one value passed to the function. The caller has
     * already checked how many there are.
     */
    T of(List<V> given);

    default boolean isRequired() {
        return false;
    }

    default boolean isRepeated() {
        return false;
    }

    /** The default; empty if there is none. */
    default Optional<V> fallback() {
        return Optional.empty();
    }

    /** The option may be given once or not at all. */
    record AtMostOnce<V>() implements Presence<V, Optional<V>> {
        @Override
        public Optional<V> of(List<V> given) {
            return given.isEmpty() ? Optional.empty() : Optional.of(given.get(0));
        }
    }

    /** The option must be given once. */
    record Once<V>() implements Presence<V, V> {
        @Override
        public V of(List<V> given) {
            return given.get(0);
        }

        @Override
        public boolean isRequired() {
            return true;
        }
    }

    /** The option may be given once. If it is not given, a default is used. */
    record OrElse<V>(V value) implements Presence<V, V> {
        @Override
        public V of(List<V> given) {
            return given.isEmpty() ? value : given.get(0);
        }

        @Override
        public Optional<V> fallback() {
            return Optional.of(value);
        }
    }

    /** The option may be given any number of times, but at least once if {@code isRequired} is true. */
    record Repeated<V>(boolean isRequired) implements Presence<V, List<V>> {
        @Override
        public List<V> of(List<V> given) {
            return List.copyOf(given);
        }

        @Override
        public boolean isRepeated() {
            return true;
        }
    }

    /** The option is a flag: its value is true if it is given. */
    record Flag() implements Presence<Boolean, Boolean> {
        @Override
        public Boolean of(List<Boolean> given) {
            return !given.isEmpty();
        }
    }
}
