package org.kapacitorudf.option;

import java.util.List;
import java.util.Objects;
import java.util.function.Predicate;

/**
 * A restriction of a value beyond its type. Implementations avoid lambdas where possible, because lambdas delay the
 * startup: options are defined before Info is answered.
 */
sealed interface Constraint<V> {
    /** The constraint in words, as shown after "expected:". */
    String text();

    boolean accepts(V value);

    /** Requires a value to satisfy a lower or an upper bound. */
    record Bound<V extends Comparable<? super V>>(Relation relation, V limit) implements Constraint<V> {
        public Bound {
            Objects.requireNonNull(limit, "limit");
        }

        @Override
        public String text() {
            return relation.symbol + " " + Literal.shown(limit);
        }

        @Override
        public boolean accepts(V value) {
            int order = value.compareTo(limit);
            return switch (relation) {
                case AT_LEAST -> order >= 0;
                case MORE_THAN -> order > 0;
                case AT_MOST -> order <= 0;
                case LESS_THAN -> order < 0;
            };
        }
    }

    /** The relation of a value to its bound. */
    enum Relation {
        AT_LEAST(">="),
        MORE_THAN(">"),
        AT_MOST("<="),
        LESS_THAN("<");

        private final String symbol;

        Relation(String symbol) {
            this.symbol = symbol;
        }
    }

    /** The value is one of several choices. */
    record Choice<V>(List<V> choices) implements Constraint<V> {
        public Choice {
            choices = List.copyOf(choices);
            if (choices.isEmpty()) {
                throw new IllegalArgumentException("choices: none (expected: at least one)");
            }
        }

        @Override
        public String text() {
            StringBuilder text = new StringBuilder("one of ");
            for (V choice : choices) {
                text.append(Literal.of(choice)).append(", ");
            }
            text.setLength(text.length() - 2);
            return text.toString();
        }

        @Override
        public boolean accepts(V value) {
            return choices.contains(value);
        }
    }

    /** The value passes a check that the author of the function has written. */
    record Check<V>(String text, Predicate<? super V> predicate) implements Constraint<V> {
        public Check {
            Objects.requireNonNull(text, "text");
            Objects.requireNonNull(predicate, "predicate");
        }

        @Override
        public boolean accepts(V value) {
            return predicate.test(value);
        }
    }
}
