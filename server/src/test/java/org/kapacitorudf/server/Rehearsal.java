package org.kapacitorudf.server;

import java.io.OutputStream;
import org.kapacitorudf.server.terminal.Terminal;

/** The commands of the class-data archive of the tests: {@code main LINES DIRECTORY}, with lines on STDIN. */
final class Rehearsal {
    private Rehearsal() {}

    public static void main(String[] args) {
        Terminal nowhere = new Terminal(OutputStream.nullOutputStream(), OutputStream.nullOutputStream(), "", false);
        Main.execute(
                nowhere,
                "call movingAvg --option field=value --option size=2"
                        .concat(" " + args[0])
                        .split(" "));
        Main.execute(nowhere, "telegraf movingAvg --option field=value --option size=2".split(" "));
        Main.main(new String[] {"serve", "movingAvg", "--dir", args[1]});
    }
}
