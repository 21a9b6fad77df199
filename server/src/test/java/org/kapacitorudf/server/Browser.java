package org.kapacitorudf.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** A headless browser, if one is installed; without it the test is skipped. */
public final class Browser {
    private Browser() {}

    /**
     * The DOM of a page in a browser.
     *
     * @param directory for its profile and its output
     * @param time to advance the virtual clock of the page
     * @param options further ones
     */
    public static String dom(Path directory, Path page, Duration time, String... options)
            throws IOException, InterruptedException {
        Optional<String> browser = Stream.of("/usr/bin/chromium", "/usr/bin/google-chrome")
                .filter(path -> Files.isExecutable(Path.of(path)))
                .findFirst();
        assumeTrue(browser.isPresent(), "no Chromium is installed");
        List<String> command = new ArrayList<>(List.of(
                browser.get(),
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--allow-file-access-from-files",
                "--virtual-time-budget=" + time.toMillis(),
                "--user-data-dir=" + directory.resolve("profile"),
                "--dump-dom"));
        command.addAll(List.of(options));
        command.add(page.toUri().toString());
        Path dom = directory.resolve("dom");
        Process process = new ProcessBuilder(command)
                .redirectOutput(dom.toFile())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        assertThat(process.waitFor()).isZero();
        return Files.readString(dom, StandardCharsets.UTF_8);
    }
}
