package org.kapacitorudf.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The formatter leaves comments as they are. */
@Tag("one-jdk")
class CommentWidthTest {
    private static final Path ROOT =
            Path.of(System.getProperty("kapacitor-udf.scripts"), "..").normalize();
    private static final Pattern COMMENT = Pattern.compile("\\s*(\\*|//|/\\*).*");
    private static final int MAX_COLUMNS = 120;

    @Test
    void noCommentIsWiderThanTheCode() throws IOException {
        List<String> wide = new ArrayList<>();
        try (Stream<Path> modules = Files.list(ROOT)) {
            for (Path sources : modules.map(module -> module.resolve("src"))
                    .filter(Files::isDirectory)
                    .toList()) {
                try (Stream<Path> files = Files.walk(sources)) {
                    for (Path file : files.filter(path -> path.toString().endsWith(".java"))
                            .toList()) {
                        List<String> lines = Files.readAllLines(file);
                        for (int i = 0; i < lines.size(); i++) {
                            if (lines.get(i).length() > MAX_COLUMNS
                                    && COMMENT.matcher(lines.get(i)).matches()) {
                                wide.add(ROOT.relativize(file) + ":" + (i + 1));
                            }
                        }
                    }
                }
            }
        }
        assertThat(wide).as("comments of more than " + MAX_COLUMNS + " columns").isEmpty();
    }
}
