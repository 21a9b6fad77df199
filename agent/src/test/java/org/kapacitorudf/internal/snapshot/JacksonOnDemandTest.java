package org.kapacitorudf.internal.snapshot;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.File;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.kapacitorudf.Description;
import org.kapacitorudf.internal.codec.OptionMessages;
import org.kapacitorudf.internal.line.GivenOption;
import org.kapacitorudf.internal.line.OptionAccess;
import org.kapacitorudf.option.Option;
import org.kapacitorudf.option.OptionValues;

/** A function without state does not load the serializer: Jackson is missing here. */
class JacksonOnDemandTest {
    @Test
    void withoutAStateNoClassOfJacksonIsLoaded() throws Exception {
        try (WithoutJackson loader = new WithoutJackson()) {
            assertThatCode(() -> loader.run(Stateless.class)).doesNotThrowAnyException();
        }
    }

    @Test
    void aStateNeedsIt() throws Exception {
        try (WithoutJackson loader = new WithoutJackson()) {
            assertThatExceptionOfType(NoClassDefFoundError.class)
                    .isThrownBy(() -> loader.run(Stateful.class))
                    .withMessageContaining("jackson");
        }
    }

    public static final class Stateless implements Runnable {
        @Override
        public void run() {
            Option<Long> size = Option.integer("size").required().atLeast(1);
            OptionMessages.info(Description.stream("f", "").options(size));
            OptionAccess.<Option<?>, OptionValues>of(OptionValues.class)
                    .parse(List.of(size), List.of(GivenOption.of("size", 1)));
            States states = TestStates.of("f", 1, 1000);
            states.seal();
            states.restore(TestStates.snapshot(states, new byte[] {1}));
            TestStates.snapshot(states);
        }
    }

    public static final class Stateful implements Runnable {
        @Override
        public void run() {
            TestStates.of("f", 1, 1000).state("s", String.class, () -> "");
        }
    }

    /** Loads all classes of this test's class path again, except Jackson. */
    private static final class WithoutJackson extends URLClassLoader {
        WithoutJackson() throws MalformedURLException {
            super(urls(), ClassLoader.getPlatformClassLoader());
        }

        void run(Class<? extends Runnable> task) throws ReflectiveOperationException {
            ((Runnable) loadClass(task.getName()).getDeclaredConstructor().newInstance()).run();
        }

        @Override
        protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
            if (name.startsWith("tools.jackson.") || name.startsWith("com.fasterxml.jackson.")) {
                throw new ClassNotFoundException(name);
            }
            return super.loadClass(name, resolve);
        }

        private static URL[] urls() throws MalformedURLException {
            List<URL> urls = new ArrayList<>();
            for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
                urls.add(Path.of(entry).toUri().toURL());
            }
            return urls.toArray(URL[]::new);
        }
    }
}
