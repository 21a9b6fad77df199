package org.kapacitorudf.option;

/** An option without an argument. Its value is true if the option is given. See {@link Option}. */
public final class FlagOption extends Option<Boolean> {
    private final Definition<Boolean, Boolean> definition;

    FlagOption(Definition<Boolean, Boolean> definition) {
        this.definition = definition;
    }

    /** Sets a one-line help text. */
    public FlagOption help(String text) {
        return new FlagOption(definition.withHelp(text));
    }

    @Override
    Definition<Boolean, Boolean> definition() {
        return definition;
    }
}
