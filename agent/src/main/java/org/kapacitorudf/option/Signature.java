package org.kapacitorudf.option;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The argument list of an option. Reads the arguments of one use of the option.
 *
 * @param <V> the type of the value of one use
 */
sealed interface Signature<V> {
    List<Argument<?>> arguments();

    /** The limits of the arguments in words; empty if there are none. */
    String limits();

    /** The arguments in words, with their limits. */
    String expected();

    boolean accepts(V value);

    /** Returns a value as it is written in a TICKscript. */
    String text(V value);

    /** Returns a value as text for a message or a log. */
    String shown(V value);

    /** Reads the arguments of one use of the option. If they are invalid, adds problems and returns empty. */
    Optional<V> read(String option, List<Object> given, boolean secret, List<String> problems);

    static String listed(List<?> values) {
        StringBuilder text = new StringBuilder("(");
        for (Object value : values) {
            text.append(text.length() > 1 ? ", " : "").append(Literal.shown(value));
        }
        return text.append(')').toString();
    }

    private static String counted(int arguments) {
        return switch (arguments) {
            case 0 -> "no argument";
            case 1 -> "1 argument";
            default -> arguments + " arguments";
        };
    }

    /** One argument: {@code .size(10)}. */
    record One<V>(Argument<V> argument) implements Signature<V> {
        @Override
        public List<Argument<?>> arguments() {
            return List.of(argument);
        }

        @Override
        public String limits() {
            return argument.limits();
        }

        @Override
        public String expected() {
            return argument.expected();
        }

        @Override
        public boolean accepts(V value) {
            return argument.accepts(value);
        }

        @Override
        public String text(V value) {
            return Literal.of(value);
        }

        @Override
        public String shown(V value) {
            return Literal.shown(value);
        }

        @Override
        public Optional<V> read(String option, List<Object> given, boolean secret, List<String> problems) {
            if (given.size() != 1) {
                problems.add(Problem.of(option, counted(given.size()), argument.expected()));
                return Optional.empty();
            }
            return argument.read(option, given.get(0), secret, problems);
        }

        One<V> with(Constraint<? super V> constraint) {
            return new One<>(argument.with(constraint));
        }
    }

    /** Several arguments: {@code .multi('x', 7, 0.25)}. */
    record Several(List<Argument<?>> arguments, List<Constraint<? super Arguments>> constraints)
            implements Signature<Arguments> {
        @Override
        public String limits() {
            StringBuilder text = new StringBuilder();
            for (Constraint<? super Arguments> constraint : constraints) {
                text.append(text.isEmpty() ? "" : " and ").append(constraint.text());
            }
            return text.toString();
        }

        @Override
        public String expected() {
            StringBuilder text = new StringBuilder("(");
            for (Argument<?> argument : arguments) {
                text.append(text.length() > 1 ? ", " : "").append(argument.name());
            }
            return text.append(')').toString();
        }

        @Override
        public boolean accepts(Arguments value) {
            for (Constraint<? super Arguments> constraint : constraints) {
                if (!constraint.accepts(value)) {
                    return false;
                }
            }
            return true;
        }

        @Override
        public String text(Arguments value) {
            StringBuilder text = new StringBuilder();
            for (Argument<?> argument : arguments) {
                text.append(text.isEmpty() ? "" : ", ").append(Literal.of(value.get(argument)));
            }
            return text.toString();
        }

        @Override
        public String shown(Arguments value) {
            return value.toString();
        }

        @Override
        public Optional<Arguments> read(String option, List<Object> given, boolean secret, List<String> problems) {
            if (given.size() != arguments.size()) {
                problems.add(Problem.of(option, counted(given.size()), expected()));
                return Optional.empty();
            }
            List<Object> values = new ArrayList<>(given.size());
            for (int i = 0; i < given.size(); i++) {
                Argument<?> argument = arguments.get(i);
                argument.read(option + "." + argument.name(), given.get(i), secret, problems)
                        .ifPresent(values::add);
            }
            if (values.size() != given.size()) {
                return Optional.empty();
            }
            Arguments read = new Arguments(arguments, values, secret);
            if (!accepts(read)) {
                problems.add(Problem.of(option, read.toString(), limits()));
                return Optional.empty();
            }
            return Optional.of(read);
        }

        Several with(Constraint<? super Arguments> constraint) {
            List<Constraint<? super Arguments>> more = new ArrayList<>(constraints);
            more.add(constraint);
            return new Several(arguments, List.copyOf(more));
        }
    }

    /** No argument: {@code .verbose()}. The value of each use is true. */
    record None() implements Signature<Boolean> {
        @Override
        public List<Argument<?>> arguments() {
            return List.of();
        }

        @Override
        public String limits() {
            return "";
        }

        @Override
        public String expected() {
            return "no argument";
        }

        @Override
        public boolean accepts(Boolean value) {
            return true;
        }

        @Override
        public String text(Boolean value) {
            return "";
        }

        @Override
        public String shown(Boolean value) {
            return "";
        }

        @Override
        public Optional<Boolean> read(String option, List<Object> given, boolean secret, List<String> problems) {
            if (!given.isEmpty()) {
                problems.add(Problem.of(option, counted(given.size()), expected()));
                return Optional.empty();
            }
            return Optional.of(true);
        }
    }
}
