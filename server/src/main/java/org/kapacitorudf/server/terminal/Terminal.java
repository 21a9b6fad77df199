package org.kapacitorudf.server.terminal;

import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.kapacitorudf.server.logging.Logging;

/**
 * The program's standard streams, and which of them are terminals.
 *
 * <p>STDOUT is for results; in process mode, it is for the protocol only. Everything else goes to STDERR, in lines of
 * limited length.
 *
 * <p>Threading: safe for use by any thread.
 */
public final class Terminal {
    /**
     * The property whose value contains the numbers of the descriptors that are terminals, for example {@code "02"}.
     * The launcher sets it, because not all versions of the JVM can determine this.
     */
    static final String TERMINALS_PROPERTY = "kapacitor-udf.terminals";

    private final CheckedOutput stdout;
    private final PrintStream err;
    private final DroppingOutput dropping;
    private final LineLimit lineLimit;
    private final String terminals;
    private final boolean colourWanted;
    private volatile boolean hosts;
    private volatile String program = "kapacitor-udf";

    public Terminal(OutputStream stdout, OutputStream stderr, String terminals, boolean colourWanted) {
        this.stdout = new CheckedOutput(stdout);
        this.dropping = new DroppingOutput(stderr);
        this.lineLimit = new LineLimit(dropping);
        this.err = new Unclosable(lineLimit);
        this.terminals = terminals;
        this.colourWanted = colourWanted;
    }

    /**
     * Takes over the streams of the process: from now on, both {@link System#out} and {@link System#err} write to
     * STDERR.
     */
    public static Terminal takeOver() {
        Terminal terminal = new Terminal(
                new FileOutputStream(FileDescriptor.out),
                new FileOutputStream(FileDescriptor.err),
                System.getProperty(TERMINALS_PROPERTY, ""),
                System.getenv().getOrDefault("NO_COLOR", "").isEmpty() && !"dumb".equals(System.getenv("TERM")));
        System.setErr(terminal.err);
        System.setOut(terminal.err);
        return terminal;
    }

    /**
     * The real STDOUT. If it is a terminal, control characters are made visible, because results contain external data.
     */
    public PrintStream out() {
        return printStream(terminals.contains("1") ? new Printable(stdout) : stdout);
    }

    /**
     * The real STDOUT, for the program's own text. Control characters, such as those for colours, are written
     * unchanged.
     */
    public PrintStream ownOut() {
        return printStream(stdout);
    }

    public PrintStream err() {
        return err;
    }

    /**
     * Starts hosting mode, for a program that must continue even if STDERR is not read. From now on, printing does not
     * wait, and lines that do not fit into the buffer are dropped.
     */
    public void host() {
        hosts = true;
        Logging.droppedLines(dropping);
        dropping.host();
    }

    /** Sets the maximum number of bytes that wait for the reader of STDERR in {@linkplain #host hosting mode}. */
    public void limitWaiting(long bytes) {
        dropping.bufferBytes(bytes);
    }

    /** Sets the program name that is used in messages. */
    public void program(String name) {
        program = name;
    }

    /** The name of the program in messages; kapacitor-udf by default. */
    public String program() {
        return program;
    }

    /** Prints a message for the user on STDERR, with control characters made visible. */
    public void say(String text) {
        err.println(Printable.text(text));
    }

    /** Sets the maximum length of a line on STDERR. */
    public void limitLines(int bytes) {
        lineLimit.limit(bytes);
    }

    /**
     * The reason why results could not be written to STDOUT, such as {@code No space left on device}; empty if they
     * were written. Always empty in {@linkplain #host hosting mode}, in which there are no results.
     */
    public Optional<String> lostOutput() {
        return hosts ? Optional.empty() : Optional.ofNullable(stdout.failure);
    }

    /**
     * Returns the exit status of the program. If the command succeeded but results could not be written, this is the
     * status of a failure. In that case, also prints why, unless STDOUT was closed by its reader (as head does).
     *
     * @param ofCommand the exit status of the command
     */
    public int exitStatus(int ofCommand) {
        Optional<String> lost = lostOutput();
        if (lost.isEmpty() || (ofCommand != ExitStatus.OK.code() && ofCommand != ExitStatus.PEER_GONE.code())) {
            return ofCommand;
        }
        if (!lost.get().equals("Broken pipe")) {
            say(program + ": STDOUT: cannot be written: " + lost.get());
        }
        return ExitStatus.PEER_GONE.code();
    }

    public boolean isInputTerminal() {
        return terminals.contains("0");
    }

    public boolean isErrTerminal() {
        return terminals.contains("2");
    }

    public boolean coloursOut() {
        return colourWanted && terminals.contains("1");
    }

    public boolean coloursErr() {
        return colourWanted && terminals.contains("2");
    }

    /** Creates a stream that encodes in UTF-8 regardless of the locale, because Kapacitor's service has none. */
    private static PrintStream printStream(OutputStream out) {
        return new PrintStream(new BufferedOutputStream(out), true, StandardCharsets.UTF_8);
    }

    /** Keeps the message of an exception, because {@link PrintStream} does not pass exceptions on. */
    private static final class CheckedOutput extends FilterOutputStream {
        private volatile @Nullable String failure;

        CheckedOutput(OutputStream out) {
            super(out);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            try {
                out.write(bytes, offset, length);
            } catch (IOException e) {
                failure = String.valueOf(e.getMessage());
                throw e;
            }
        }
    }

    /**
     * Ignores {@link #close}: a function that closes {@link System#out}, or a writer on it, must not close the log of
     * other functions.
     */
    private static final class Unclosable extends PrintStream {
        Unclosable(OutputStream out) {
            super(new BufferedOutputStream(out), true, StandardCharsets.UTF_8);
        }

        @Override
        public void close() {
            flush();
        }
    }
}
