package org.kapacitorudf.soak;

/** The kinds of functions under load, and their expected output. */
enum FunctionKind {
    MIRROR("mirror", 60),
    BATCH("batchMirror", 10),
    COUNT("soakCount", 8),
    EMITTER("soakEmitter", 6),
    SLOW("soakSlow", 8),
    SKIP("soakSkip", 3),
    RESTART("soakRestart", 3),
    FAIL("soakFail", 2);

    private final String function;
    private final int share;

    FunctionKind(String function, int share) {
        this.function = function;
        this.share = share;
    }

    /** The kind of a connection. Of any hundred consecutive connections, each kind has its share. */
    static FunctionKind of(int connection) {
        int place = connection * 37 % 100;
        for (FunctionKind kind : values()) {
            place -= kind.share;
            if (place < 0) {
                return kind;
            }
        }
        throw new IllegalStateException("shares: less than 100");
    }

    String function() {
        return function;
    }

    boolean isBatches() {
        return this == BATCH;
    }

    /** Whether the function keeps counts and sums in its state. */
    boolean isCounting() {
        return this == COUNT || this == SKIP || this == RESTART || this == FAIL;
    }

    /** Whether the function continues after failures that the test provokes. */
    boolean survivesFailures() {
        return this == SKIP || this == RESTART;
    }
}
