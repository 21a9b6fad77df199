package org.kapacitorudf.tools.conformance;

/**
 * One thing that is tried on an agent.
 *
 * @param name what it is called on a command line: {@code split-body}
 * @param needs without which it cannot be tried
 * @param what what is done, and what is demanded
 * @param why what Kapacitor does, so that it is demanded
 */
@SuppressWarnings("exports") // what only cases need
public record Case(String name, Severity severity, Needs needs, String what, String why, Body body) {
    /** What must have worked before a case makes sense; each includes those before it. */
    enum Needs {
        /** Something that can be connected to, or started. */
        NOTHING,
        /** An answer to Info. */
        INFO,
        /** An Init that the function takes. */
        INIT,
        /** Data that the function takes. */
        DATA,
        /** The same, of a function of batches. */
        BATCHES,
        /** The same, of a function that gives the same output for the same data. */
        SAME_OUTPUT
    }

    /** Tries it: returns when all is as it has to be. */
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
