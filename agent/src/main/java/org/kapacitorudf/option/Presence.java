package org.kapacitorudf.option;

import java.util.List;
import java.util.Optional;

/** How often an option may be given, and how the given {@code V}s become the function's {@code T}. */
sealed interface Presence<V, T> {
    /** Converts the given values, whose number this presence allows. */
    T of(List<V> given);

    default boolean isRequired() {
        return false;
    }

    default boolean isRepeated() {
        return false;
    }

    /** The value if the option was not given. */
    default Optional<V> fallback() {
        return Optional.empty();
    }

    /** Once or not at all. */
    record AtMostOnce<V>() implements Presence<V, Optional<V>> {
        @Override
        public Optional<V> of(List<V> given) {
            return given.isEmpty() ? Optional.empty() : Optional.of(given.get(0));
        }
    }

    /** Once. */
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

    /** Once, or else a default. */
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

    /** Any number of times, or at least once. */
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

    /** A flag: given or not. */
    record Flag() implements Presence<Boolean, Boolean> {
        @Override
        public Boolean of(List<Boolean> given) {
            return !given.isEmpty();
        }
    }
}
