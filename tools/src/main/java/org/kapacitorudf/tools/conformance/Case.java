package org.kapacitorudf.tools.conformance;

/**
 * One conformance case.
 *
 * @param name the name of the case on a command line: {@code split-body}
 * @param needs what the case needs from the agent
 * @param what what the case does, and what it requires of the agent
 * @param why the behaviour of Kapacitor that is the reason for the requirement
 */
@SuppressWarnings("exports") // used by cases only
public record Case(String name, Severity severity, Needs needs, String what, String why, Body body) {
    /**
     * What a case needs from the agent. Each constant includes those above it, but {@link #SAME_OUTPUT} does not
     * include {@link #BATCHES}.
     */
    enum Needs {
        /** Nothing but an agent that can be connected to or started. */
        NOTHING,
        /** An answer to Info. */
        INFO,
        /** An Init that the function accepts. */
        INIT,
        /** Data that the function accepts. */
        DATA,
        /** Data that the function accepts; the function takes batches. */
        BATCHES,
        /** Data that the function accepts, and for which its output is always the same. */
        SAME_OUTPUT
    }

    /** Runs the case; returns normally if it passes. */
    interface Body {
        void run(Probe probe) throws Exception;
    }

    static Case must(String name, Needs needs, String what, String why, Body body) {
        return new Case(name, Severity.MUST, needs, what, why, body);
    }

    static Case should(String name, Needs needs, String what, String why, Body body) {
        return new Case(name, Severity.SHOULD, needs, what, why, body);
    }

    static Case may(String name, Needs needs, String what, String why, Body body) {
        return new Case(name, Severity.MAY, needs, what, why, body);
    }
}
