package org.kapacitorudf.server.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SubjectParserTest {
    @ParameterizedTest
    @CsvSource({
        "socket:/tmp/go.sock,                 go.sock",
        "go=socket:/tmp/x.sock,               go",
        "cmd:/opt/agent -x,                   agent",
        "go 1.8=cmd:/opt/agent -x,            go 1.8",
        "listen:/opt/agent -socket {socket},  agent"
    })
    void aNameIsTheOneThatIsGivenOrThatOfTheFile(String text, String name) {
        assertThat(SubjectParser.parse(text).name()).isEqualTo(name);
    }

    @Test
    void quotesKeepWordsTogether() {
        assertThat(SubjectParser.words("./agent -x 'a b' \"c 'd'\"  e"))
                .isEqualTo(List.of("./agent", "-x", "a b", "c 'd'", "e"));
    }
}
