package org.kapacitorudf.contract;

import java.util.Optional;
import org.kapacitorudf.errors.OutputClosedException;
import org.kapacitorudf.errors.UdfException;

/** Exceptions that functions may throw, and the resulting texts. */
enum Fault {
    PLAIN("java.lang.IllegalStateException: boom") {
        @Override
        Throwable made() {
            return new IllegalStateException("boom");
        }
    },
    CHECKED("java.io.IOException: boom") {
        @Override
        Throwable made() {
            return new java.io.IOException("boom");
        }
    },
    FOR_THE_OWNER("boom: 0 (expected: more)") {
        @Override
        Throwable made() {
            return new UdfException("boom: 0 (expected: more)");
        }
    },
    OUTPUT_CLOSED("mine") {
        @Override
        Throwable made() {
            return new OutputClosedException("mine");
        }
    },
    INTERRUPTED("java.lang.InterruptedException: nobody has") {
        @Override
        Throwable made() {
            return new InterruptedException("nobody has");
        }
    },
    ASSERTION("java.lang.AssertionError: boom") {
        @Override
        Throwable made() {
            return new AssertionError("boom");
        }
    },
    NO_CLASS("java.lang.NoClassDefFoundError: some/Driver") {
        @Override
        Throwable made() {
            return new NoClassDefFoundError("some/Driver");
        }
    },
    STACK_OVERFLOW("java.lang.StackOverflowError") {
        @Override
        Throwable made() {
            return made();
        }
    },
    OUT_OF_MEMORY("java.lang.OutOfMemoryError: made up") {
        @Override
        Throwable made() {
            return new OutOfMemoryError("made up");
        }
    },
    NO_MESSAGE("java.lang.IllegalStateException") {
        @Override
        Throwable made() {
            return new IllegalStateException((String) null);
        }
    },
    NO_TEXT("contract.Fault$") {
        @Override
        Throwable made() {
            return new Odd() {
                @Override
                Object text() {
                    return null;
                }
            };
        }
    },
    TEXT_THROWS("its message cannot be read: java.lang.IllegalStateException") {
        @Override
        Throwable made() {
            return new Odd() {
                @Override
                Object text() {
                    throw new IllegalStateException("no text for you");
                }
            };
        }
    },
    TEXT_THROWS_AN_ERROR("its message cannot be read: java.lang.AssertionError") {
        @Override
        Throwable made() {
            return new Odd() {
                @Override
                Object text() {
                    throw new AssertionError("no text for you");
                }
            };
        }
    },
    CAUSE_THROWS("contract.Fault$") {
        @Override
        Throwable made() {
            return new Odd() {
                @Override
                public synchronized Throwable getCause() {
                    throw new AssertionError("no cause for you");
                }
            };
        }
    },
    STACK_TRACE_THROWS("contract.Fault$") {
        @Override
        Throwable made() {
            return new Odd() {
                @Override
                public StackTraceElement[] getStackTrace() {
                    throw new AssertionError("no stack trace for you");
                }
            };
        }
    },
    NO_STACK_TRACE("contract.Fault$") {
        @Override
        Throwable made() {
            return new Odd() {
                @Override
                public StackTraceElement[] getStackTrace() {
                    return null;
                }
            };
        }
    },
    A_CYCLE_OF_CAUSES("java.lang.IllegalStateException: egg") {
        @Override
        Throwable made() {
            Exception hen = new IllegalStateException("hen");
            Exception egg = new IllegalStateException("egg", hen);
            hen.initCause(egg);
            hen.addSuppressed(egg);
            return egg;
        }
    },
    A_HUGE_MESSAGE("java.lang.IllegalStateException: xxxxx") {
        @Override
        Throwable made() {
            return new IllegalStateException("x".repeat(5_000_000));
        }
    },
    A_MESSAGE_THAT_IS_NOT_UNICODE("java.lang.IllegalStateException: half a ? pair") {
        @Override
        Throwable made() {
            return new IllegalStateException("half a \ud800 pair");
        }
    },
    A_MESSAGE_CUT_INSIDE_A_PAIR("java.lang.IllegalStateException: \uD83D\uDE00\uD83D\uDE00") {
        @Override
        Throwable made() {
            return new IllegalStateException("\uD83D\uDE00".repeat(2_000));
        }
    },
    LINES_AND_CONTROL_CHARACTERS("java.lang.IllegalStateException: a\n\u0000b\u001b[2J") {
        @Override
        Throwable made() {
            return new IllegalStateException("a\n\u0000b\u001b[2J");
        }
    };

    private final String text;

    Fault(String text) {
        this.text = text;
    }

    abstract Throwable made();

    /** The part of the error's text that is specific to it. */
    String text() {
        return text;
    }

    void strike() throws Exception {
        throw Fault.<Exception>asIfUnchecked(made());
    }

    @SuppressWarnings("unchecked")
    private static <E extends Exception> E asIfUnchecked(Throwable fault) throws E {
        if (fault instanceof Error error) {
            throw error;
        }
        return (E) fault;
    }

    static Optional<Fault> named(String name) {
        return name.isEmpty() ? Optional.empty() : Optional.of(valueOf(name));
    }

    /** An exception whose methods misbehave. */
    private static class Odd extends RuntimeException {
        private static final long serialVersionUID = 1;

        Object text() {
            return "odd";
        }

        @Override
        public String getMessage() {
            return (String) text();
        }

        @Override
        public String toString() {
            return (String) text();
        }
    }
}
