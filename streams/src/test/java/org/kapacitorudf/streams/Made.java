package org.kapacitorudf.streams;

import org.kapacitorudf.Context;
import org.kapacitorudf.Description;
import org.kapacitorudf.Handler;
import org.kapacitorudf.Udf;

/** A function with a given description and handler. */
record Made(Description description, Making making) implements Udf {
    /** Creates a handler. */
    interface Making {
        Handler make(Context context) throws Exception;
    }

    static Made stream(Making making) {
        return new Made(Description.stream("f", ""), making);
    }

    static Made batch(Making making) {
        return new Made(Description.batch("f", ""), making);
    }

    @Override
    public Description describe() {
        return description;
    }

    @Override
    public Handler create(Context context) throws Exception {
        return making.make(context);
    }
}
