package org.kapacitorudf.option;

import java.util.List;
import java.util.Objects;
import java.util.function.Predicate;

/** What is asked of a value beyond its type. Implementations that need no lambda have none: options are defined on the way to the answer to Info. */
sealed interface Constraint<V> {
    /** The constraint in words, after "expected:". */
    String text();

    boolean accepts(V value);

    /** A limit on one side. */
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

    /** How a value stands to its limit. */
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

    /** One of a few values. */
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

    /** Whatever the author of a function wants to see checked. */
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
