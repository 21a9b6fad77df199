package org.kapacitorudf.option;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.kapacitorudf.internal.line.GivenOption;
import org.kapacitorudf.internal.line.Tickscript;

/**
 * The complete definition of an option.
 *
 * @param <V> the type of the value of one use of the option
 * @param <T> the type that the function receives
 */
record Definition<V, T>(String name, Signature<V> signature, Presence<V, T> presence, String help, boolean secret) {
    Definition {
        Objects.requireNonNull(help, "help");
        Optional<V> fallback = presence.fallback();
        if (fallback.isPresent() && !signature.accepts(fallback.get())) {
            String shown = secret ? Problem.SECRET : signature.shown(fallback.get());
            throw new IllegalArgumentException(Problem.of(name, "default " + shown, signature.limits()));
        }
    }

    static <V> Definition<V, Optional<V>> of(String name, Signature<V> signature) {
        return new Definition<>(checked(name), signature, new Presence.AtMostOnce<>(), "", false);
    }

    static Definition<Boolean, Boolean> flag(String name) {
        return new Definition<>(checked(name), new Signature.None(), new Presence.Flag(), "", false);
    }

    Definition<V, V> required() {
        onlyOnce("required()");
        return with(new Presence.Once<>());
    }

    Definition<V, V> orElse(V value) {
        onlyOnce("orElse()");
        return with(new Presence.OrElse<>(value));
    }

    Definition<V, List<V>> repeated() {
        if (!presence.isRequired()) {
            onlyOnce("repeated()");
        }
        return with(new Presence.Repeated<>(presence.isRequired()));
    }

    Definition<V, T> with(Signature<V> other) {
        return new Definition<>(name, other, presence, help, secret);
    }

    Definition<V, T> withHelp(String text) {
        return new Definition<>(name, signature, presence, text, secret);
    }

    Definition<V, T> asSecret() {
        return new Definition<>(name, signature, presence, help, true);
    }

    /** Reads all uses of the option. If they are invalid or missing, adds problems and returns empty. */
    Optional<Value<T>> read(List<GivenOption> given, List<String> problems) {
        if (given.isEmpty() && presence.isRequired()) {
            problems.add(Problem.of(name, "missing", signature.expected()));
            return Optional.empty();
        }
        if (given.size() > 1 && !presence.isRepeated()) {
            problems.add(Problem.of(name, "given " + given.size() + " times", "once"));
            return Optional.empty();
        }
        List<V> values = new ArrayList<>(given.size());
        for (GivenOption use : given) {
            signature.read(name, use.arguments(), secret, problems).ifPresent(values::add);
        }
        if (values.size() != given.size()) {
            return Optional.empty();
        }
        return Optional.of(new Value<>(presence.of(values), shown(values)));
    }

    /**
     * The value of an option.
     *
     * @param shown the option as text for a log; empty if there is nothing to show
     */
    record Value<T>(T value, String shown) {}

    private String shown(List<V> given) {
        List<V> values = given.isEmpty() ? presence.fallback().map(List::of).orElse(List.of()) : given;
        StringBuilder text = new StringBuilder();
        for (V value : values) {
            String argument = secret ? Problem.SECRET : signature.shown(value);
            text.append(text.isEmpty() ? "" : " ").append(name);
            text.append(argument.isEmpty() ? "" : "=").append(argument);
        }
        return text.toString();
    }

    private <U> Definition<V, U> with(Presence<V, U> other) {
        return new Definition<>(name, signature, other, help, secret);
    }

    private void onlyOnce(String called) {
        if (!(presence instanceof Presence.AtMostOnce)) {
            throw new IllegalStateException(
                    Problem.of(name, called, "one of required(), orElse() and repeated(), or required().repeated()"));
        }
    }

    private static String checked(String name) {
        boolean wellFormed = !name.isEmpty() && name.charAt(0) != '_' && !Character.isDigit(name.charAt(0));
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            wellFormed &= c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_';
        }
        if (!wellFormed) {
            throw new IllegalArgumentException(Problem.of(
                    "option", "\"" + name + "\"", "letters, digits and underscores, starting with a letter"));
        }
        if (Tickscript.isKeyword(name)) {
            throw new IllegalArgumentException(
                    Problem.of("option", "\"" + name + "\"", "none of TICKscript's keywords"));
        }
        return name;
    }
}
