package org.kapacitorudf.internal.channel;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.kapacitorudf.testing.leaks.NoLeaks;

/** A Java program of the tests in a separate process; it inherits STDERR. */
record Child(Process process, BufferedReader output, OutputStream input) implements AutoCloseable {

    /** The command line of a program. */
    static List<String> command(Class<?> program, Object... arguments) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("-XX:TieredStopAtLevel=1");
        command.add("-XX:-MaxFDLimit"); // the JVM would undo a ulimit
        command.add("-Dlogback.configurationFile=org/kapacitorudf/internal/channel/child-logback.xml");
        command.addAll(NoLeaks.flags());
        command.add("-cp");
        command.add(System.getProperty("java.class.path"));
        command.add(program.getName());
        for (Object argument : arguments) {
            command.add(argument.toString());
        }
        return command;
    }

    static Child start(List<String> command) throws IOException {
        return start(new ProcessBuilder(command));
    }

    static Child start(ProcessBuilder builder) throws IOException {
        Process process = builder.redirectError(ProcessBuilder.Redirect.INHERIT).start();
        return new Child(process, process.inputReader(), process.getOutputStream());
    }

    /** The exit status, once the program has ended by itself. */
    int status() throws InterruptedException {
        return process.waitFor(5, TimeUnit.MINUTES) ? process.exitValue() : -1;
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
