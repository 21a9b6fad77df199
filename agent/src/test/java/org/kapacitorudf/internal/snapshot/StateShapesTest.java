package org.kapacitorudf.internal.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.MonthDay;
import java.time.OffsetDateTime;
import java.time.OffsetTime;
import java.time.Period;
import java.time.Year;
import java.time.YearMonth;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.Deque;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.LinkedList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.DoubleUnaryOperator;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.kapacitorudf.errors.SnapshotException;
import org.kapacitorudf.state.State;

/** The valid types of states, and that their values are restored unchanged. */
class StateShapesTest {
    // The class of the example in design.md: nothing in it exists for the snapshot.
    private static final class Window {
        private final double[] values;
        private int next;
        private int count;
        private double sum;

        Window(int size) {
            values = new double[size];
        }

        double add(double value) {
            sum += value - values[next];
            values[next] = value;
            next = (next + 1) % values.length;
            count = Math.min(count + 1, values.length);
            return sum / count;
        }
    }

    @Test
    void aPlainClassGoesOnWhereItWas() {
        Window before = new Window(3);
        before.add(1);
        before.add(2);
        before.add(6);
        Window after = roundTrip(Window.class, before, () -> new Window(3));
        assertThat(after).isNotSameAs(before);
        assertThat(after.add(10)).isEqualTo(6.0);
    }

    record Scalars(
            boolean bool,
            byte int8,
            short int16,
            int int32,
            long int64,
            float float32,
            double float64,
            char character,
            Boolean boxedBool,
            Byte boxed8,
            Short boxed16,
            Integer boxed32,
            Long boxed64,
            Float boxedFloat,
            Double boxedDouble,
            Character boxedCharacter,
            String string,
            BigInteger bigInteger,
            BigDecimal bigDecimal,
            UUID uuid,
            TimeUnit constant) {}

    @Test
    void scalarsComeBackExactly() {
        assertRoundTrip(new Scalars(
                true,
                Byte.MIN_VALUE,
                Short.MIN_VALUE,
                Integer.MIN_VALUE,
                Long.MIN_VALUE,
                Float.MIN_VALUE,
                Math.PI,
                'ß',
                false,
                (byte) 1,
                (short) 2,
                3,
                Long.MAX_VALUE,
                Float.NaN,
                -0.0,
                '\uffff',
                "a'b\n\u0000😀",
                BigInteger.TWO.pow(20_000).negate(),
                new BigDecimal("12345678901234567890.123456789e-300"),
                new UUID(-1, 1),
                TimeUnit.DAYS));
    }

    @Test
    void nullsComeBack() {
        assertRoundTrip(new Scalars(
                true, (byte) 0, (short) 0, 0, 0, 0, 0, 'c', null, null, null, null, null, null, null, null, null, null,
                null, null, null));
    }

    record Times(
            Instant instant,
            Duration duration,
            Period period,
            LocalDate localDate,
            LocalTime localTime,
            LocalDateTime localDateTime,
            OffsetDateTime offsetDateTime,
            OffsetTime offsetTime,
            ZonedDateTime zonedDateTime,
            Year year,
            YearMonth yearMonth,
            MonthDay monthDay,
            ZoneId zone,
            ZoneOffset offset) {}

    @Test
    void timesComeBackExactly() {
        Instant instant = Instant.ofEpochSecond(1_700_000_000, 123_456_789);
        OffsetDateTime offset = instant.atOffset(ZoneOffset.ofHoursMinutes(5, 45));
        ZonedDateTime zoned = instant.atZone(ZoneId.of("Europe/Vienna"));
        assertRoundTrip(new Times(
                instant,
                Duration.ofSeconds(-7, 1),
                Period.of(1, 2, 3),
                zoned.toLocalDate(),
                zoned.toLocalTime(),
                zoned.toLocalDateTime(),
                offset,
                offset.toOffsetTime(),
                zoned,
                Year.of(2024),
                YearMonth.of(2024, 2),
                MonthDay.of(2, 29),
                ZoneId.of("Asia/Kathmandu"),
                ZoneOffset.ofHours(-3)));
        assertRoundTrip(new Times(
                Instant.MAX,
                Duration.ZERO,
                Period.ZERO,
                LocalDate.MAX,
                LocalTime.MIN,
                LocalDateTime.MIN,
                OffsetDateTime.now(ZoneOffset.UTC),
                OffsetTime.MAX,
                instant.atZone(ZoneId.of("Etc/UTC")),
                Year.of(-1),
                YearMonth.of(12_345, 1),
                MonthDay.of(1, 1),
                ZoneOffset.UTC,
                ZoneOffset.UTC));
    }

    enum Level {
        LOW,
        HIGH {
            @Override
            public String toString() {
                return "not its name";
            }
        }
    }

    record Labelled(Level level, Map<Level, Level> levels) {}

    @Test
    void constantsOfEnumsAreKeptByName() {
        byte[] snapshot = snapshot(Labelled.class, new Labelled(Level.HIGH, Map.of(Level.HIGH, Level.HIGH)));
        assertThat(new String(snapshot, StandardCharsets.ISO_8859_1))
                .contains("HIGH")
                .doesNotContain("not its name");
    }

    record Containers(
            List<String> list,
            Set<Level> set,
            Map<String, List<Double>> map,
            Map<Level, Integer> byLevel,
            Map<Long, Optional<String>> optionals,
            Optional<Level> optional,
            OptionalInt optionalInt,
            OptionalLong optionalLong,
            OptionalDouble optionalDouble) {}

    @Test
    void containersComeBackWithWhatIsInThem() {
        Map<Level, Integer> byLevel = new HashMap<>();
        byLevel.put(Level.HIGH, null);
        byLevel.put(Level.LOW, 1);
        assertRoundTrip(new Containers(
                Arrays.asList("a", null, ""),
                Set.of(Level.LOW, Level.HIGH),
                Map.of("", List.of(), "x", List.of(1.5, Double.NaN, Double.NEGATIVE_INFINITY, -0.0)),
                byLevel,
                Map.of(Long.MIN_VALUE, Optional.of("x"), 0L, Optional.empty()),
                Optional.of(Level.HIGH),
                OptionalInt.of(-1),
                OptionalLong.of(Long.MAX_VALUE),
                OptionalDouble.of(0.1)));
        assertRoundTrip(new Containers(
                List.of(),
                Set.of(),
                Map.of(),
                Map.of(),
                Map.of(),
                Optional.empty(),
                OptionalInt.empty(),
                OptionalLong.empty(),
                OptionalDouble.empty()));
    }

    record Concrete(
            Collection<Integer> collection,
            Queue<Integer> queue,
            Deque<Integer> deque,
            SortedSet<Integer> sortedSet,
            SortedMap<Integer, Integer> sortedMap,
            NavigableMap<Integer, Integer> navigableMap,
            ConcurrentMap<Integer, Integer> concurrentMap,
            ArrayList<Integer> arrayList,
            LinkedList<Integer> linkedList,
            ArrayDeque<Integer> arrayDeque,
            LinkedHashSet<Integer> linkedHashSet,
            TreeSet<Integer> treeSet,
            EnumSet<Level> enumSet,
            PriorityQueue<Integer> priorityQueue,
            LinkedHashMap<Integer, Integer> linkedHashMap,
            TreeMap<Integer, Integer> treeMap,
            EnumMap<Level, Integer> enumMap,
            ConcurrentHashMap<Integer, Integer> concurrentHashMap) {}

    @Test
    void collectionsOfTheDeclaredClassesComeBack() {
        List<Integer> three = List.of(3, 1, 2);
        Map<Integer, Integer> map = Map.of(3, 1, 1, 2);
        Concrete before = new Concrete(
                three,
                new LinkedList<>(three),
                new ArrayDeque<>(three),
                new TreeSet<>(three),
                new TreeMap<>(map),
                new TreeMap<>(map),
                new ConcurrentHashMap<>(map),
                new ArrayList<>(three),
                new LinkedList<>(three),
                new ArrayDeque<>(three),
                new LinkedHashSet<>(three),
                new TreeSet<>(three),
                EnumSet.of(Level.HIGH),
                new PriorityQueue<>(three),
                new LinkedHashMap<>(map),
                new TreeMap<>(map),
                new EnumMap<>(Map.of(Level.HIGH, 1)),
                new ConcurrentHashMap<>(map));
        Concrete after = roundTrip(Concrete.class, before, () -> before);
        // Some collections are only equal to themselves, but their texts are equal.
        assertThat(after).hasToString(before.toString());
        assertThat(after.deque()).isInstanceOf(Deque.class);
        assertThat(after.priorityQueue().poll()).isEqualTo(1);
    }

    record Keys(
            Map<Boolean, Integer> bools,
            Map<Byte, Integer> bytes,
            Map<Short, Integer> shorts,
            Map<Integer, Integer> integers,
            Map<Long, Integer> longs,
            Map<Float, Integer> floats,
            Map<Double, Integer> doubles,
            Map<Character, Integer> characters,
            Map<String, Integer> strings,
            Map<UUID, Integer> uuids,
            Map<Instant, Integer> instants,
            Map<Duration, Integer> durations,
            Map<LocalDate, Integer> dates,
            Map<LocalTime, Integer> times,
            Map<LocalDateTime, Integer> dateTimes,
            Map<Level, Integer> levels) {}

    @Test
    void keysOfMapsComeBackExactly() {
        Instant instant = Instant.ofEpochSecond(1_700_000_000, 123_456_789);
        LocalDateTime dateTime = LocalDateTime.ofInstant(instant, ZoneOffset.UTC);
        assertRoundTrip(new Keys(
                Map.of(true, 1, false, 2),
                Map.of((byte) -1, 1),
                Map.of((short) -1, 1),
                Map.of(Integer.MIN_VALUE, 1),
                Map.of(Long.MIN_VALUE, 1),
                Map.of(0.1f, 1, Float.NaN, 2),
                Map.of(0.1, 1, Double.NEGATIVE_INFINITY, 2, Double.MIN_VALUE, 3),
                Map.of('x', 1, '1', 2),
                Map.of("", 1, "a\u0000b", 2, "x".repeat(60_000), 3),
                Map.of(new UUID(1, 2), 1),
                Map.of(instant, 1),
                Map.of(Duration.ofNanos(-1), 1),
                Map.of(dateTime.toLocalDate(), 1),
                Map.of(dateTime.toLocalTime(), 1),
                Map.of(dateTime, 1),
                Map.of(Level.HIGH, 1)));
    }

    static final class AllArrays {
        private boolean[] bools = {true, false};
        private byte[] bytes = new byte[300_000];
        private short[] shorts = {-1};
        private int[] ints = {Integer.MIN_VALUE, 1};
        private long[] longs = {Long.MIN_VALUE, 1};
        private float[] floats = {0.1f, Float.NaN};
        private double[] doubles = {0.1, Double.NaN, Double.POSITIVE_INFINITY};
        private char[] chars = {'a', 'ß'};
        private String[] strings = {"a", null};
        private int[][] nested = {{1}, {}, {2, 3}};
        private Level[] levels = {Level.HIGH};
    }

    @Test
    void arraysComeBackExactly() {
        AllArrays before = new AllArrays();
        before.bytes[299_999] = 7;
        AllArrays after = roundTrip(AllArrays.class, before, AllArrays::new);
        assertThat(after.bools).isEqualTo(before.bools);
        assertThat(after.bytes).isEqualTo(before.bytes);
        assertThat(after.shorts).isEqualTo(before.shorts);
        assertThat(after.ints).isEqualTo(before.ints);
        assertThat(after.longs).isEqualTo(before.longs);
        assertThat(after.floats).isEqualTo(before.floats);
        assertThat(after.doubles).isEqualTo(before.doubles);
        assertThat(after.chars).isEqualTo(before.chars);
        assertThat(after.strings).isEqualTo(before.strings);
        assertThat(after.nested).isDeepEqualTo(before.nested);
        assertThat(after.levels).isEqualTo(before.levels);
    }

    static Stream<Object> valuesOfTheirOwn() {
        return Stream.of(
                "text",
                1L,
                2,
                1.5,
                Double.NaN,
                true,
                'c',
                Level.HIGH,
                Instant.EPOCH,
                Duration.ofNanos(1),
                BigInteger.TEN,
                new double[] {1, 2},
                new String[] {"a"},
                new UUID(1, 2));
    }

    @ParameterizedTest
    @MethodSource("valuesOfTheirOwn")
    void aStateMayBeASingleValue(Object value) {
        Class<?> type = value instanceof Level ? Level.class : value.getClass();
        assertThat(copy(type, value)).isEqualTo(value);
    }

    private static <T> T copy(Class<T> type, Object value) {
        return roundTrip(type, type.cast(value), () -> type.cast(value));
    }

    static final class Counters {
        private final AtomicLong total = new AtomicLong();
        private AtomicInteger small = new AtomicInteger();
        private AtomicBoolean seen = new AtomicBoolean();
    }

    @Test
    void atomicsComeBack() {
        Counters before = new Counters();
        before.total.set(Long.MAX_VALUE);
        before.small.set(-1);
        before.seen.set(true);
        Counters after = roundTrip(Counters.class, before, Counters::new);
        assertThat(after.total).hasValue(Long.MAX_VALUE);
        assertThat(after.small).hasValue(-1);
        assertThat(after.seen).isTrue();
    }

    static class Base {
        private int inherited;
    }

    /**
     * Getters that return other values, a transient field, a final nested object without a default constructor, an
     * optional one, and a generic superclass.
     */
    static final class Model extends Base {
        private static int shared = 1;
        private final Window window = new Window(2);
        private transient DoubleUnaryOperator function = x -> 2 * x;
        private Box<List<Instant>> box;
        private Node chain;
        private int isReady = 5;

        @JsonProperty("renamed")
        private String annotated = "a";

        @JsonIgnore
        private String ignored = "b";

        public int getInherited() {
            throw new AssertionError("a getter was called");
        }

        public void setInherited(int value) {
            throw new AssertionError("a setter was called");
        }
    }

    static final class Box<V> {
        private V content;

        private Box() {}
    }

    record Node(int value, Node next) {}

    @Test
    void onlyFieldsCount() {
        Model before = new Model();
        ((Base) before).inherited = 3;
        before.window.add(7);
        before.box = new Box<>();
        before.box.content = List.of(Instant.EPOCH);
        before.chain = new Node(1, new Node(2, null));
        before.isReady = 6;
        before.annotated = "c";
        before.ignored = "d";
        before.function = x -> 3 * x;
        Model after = roundTrip(Model.class, before, Model::new);
        assertThat(after).usingRecursiveComparison().ignoringFields("function").isEqualTo(before);
        assertThat(after.function.applyAsDouble(1)).isEqualTo(2.0);
        assertThat(Model.shared).isEqualTo(1);
    }

    @Test
    void whatWasSetToNullIsNullAgain() {
        Nulls before = new Nulls();
        before.list = null;
        before.window = null;
        before.text = null;
        Nulls after = roundTrip(Nulls.class, before, Nulls::new);
        assertThat(after.list).isNull();
        assertThat(after.window).isNull();
        assertThat(after.text).isNull();
    }

    static final class Nulls {
        private List<String> list = new ArrayList<>(List.of("x"));
        private Counters window = new Counters();
        private String text = "x";
    }

    @Test
    void collectionsAreReplacedNotAddedTo() {
        Nulls before = new Nulls();
        before.list = List.of("a", "b");
        assertThat(roundTrip(Nulls.class, before, Nulls::new).list).containsExactly("a", "b");
    }

    /** The two heaps of a running median, and a map that drops its eldest entries. */
    static final class Median {
        private final PriorityQueue<Sample> low =
                new PriorityQueue<>(Comparator.comparingDouble(Sample::value).reversed());
        private final TreeMap<String, Integer> byName = new TreeMap<>(Comparator.reverseOrder());
        private TreeSet<String> ignoringCase = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
        private final Map<String, Sample> recent = new LinkedHashMap<>(16, 0.75f, true) {
            @Override
            protected boolean removeEldestEntry(Map.Entry<String, Sample> eldest) {
                return size() > 2;
            }
        };
    }

    record Sample(double value) {}

    @Test
    void comparatorsAndBehaviourOfCollectionsAreKept() {
        Median before = new Median();
        before.low.addAll(List.of(new Sample(1), new Sample(3), new Sample(2)));
        before.byName.putAll(Map.of("a", 1, "b", 2));
        before.ignoringCase.add("x");
        before.recent.put("a", new Sample(1));
        before.recent.put("b", new Sample(2));
        Median after = roundTrip(Median.class, before, Median::new);
        assertThat(after.low.poll()).isEqualTo(new Sample(3));
        assertThat(after.byName.firstKey()).isEqualTo("b");
        assertThat(after.ignoringCase).contains("X");
        after.recent.put("c", new Sample(3));
        assertThat(after.recent).containsOnlyKeys("b", "c");
    }

    /** Collections whose order the types of the fields do not show. */
    static final class Ordered {
        private Queue<Double> heap = new PriorityQueue<>();
        private final Collection<Long> heapToo = new PriorityQueue<>();
        private Map<Long, String> byTime = new TreeMap<>();
        private final Set<Long> sorted = new TreeSet<>();
        private Collection<Long> sortedToo = new TreeSet<>();
        private Set<String> inOrder = new LinkedHashSet<>();
        private Map<Level, Integer> byLevel = new EnumMap<>(Level.class);
        private Set<Level> levels = EnumSet.noneOf(Level.class);
        private Queue<Long> queue = new ArrayDeque<>();
        private final Map<String, Integer> lru = new LinkedHashMap<>(16, 0.75f, true);
        private LinkedHashMap<String, Integer> lruToo = new LinkedHashMap<>(16, 0.75f, true);
        private Map<String, Integer> inserted = new LinkedHashMap<>();
    }

    @Test
    void theOrderOfACollectionIsKeptEvenIfItsFieldIsDeclaredByAnInterface() {
        Ordered before = new Ordered();
        before.heap.addAll(List.of(5.0, 3.0, 1.0));
        before.heapToo.addAll(List.of(5L, 3L, 4L));
        before.byTime.put(20L, "b");
        before.sorted.add(20L);
        before.sortedToo.add(20L);
        before.inOrder.addAll(List.of("z", "y", "x", "w", "a"));
        before.byLevel.put(Level.HIGH, 1);
        before.levels.add(Level.HIGH);
        before.queue.addAll(List.of(2L, 1L));
        for (Map<String, Integer> map : List.of(before.lru, before.lruToo, before.inserted)) {
            map.put("a", 1);
            map.put("b", 2);
        }

        Ordered after = roundTrip(Ordered.class, before, Ordered::new);

        after.heap.add(2.0);
        assertThat(List.of(after.heap.poll(), after.heap.poll(), after.heap.poll(), after.heap.poll()))
                .containsExactly(1.0, 2.0, 3.0, 5.0);
        after.heapToo.add(1L);
        assertThat(after.heapToo.iterator().next()).isEqualTo(1L);
        after.byTime.put(10L, "a");
        assertThat(after.byTime.keySet()).containsExactly(10L, 20L);
        after.sorted.add(10L);
        assertThat(after.sorted).containsExactly(10L, 20L);
        after.sortedToo.add(10L);
        assertThat(after.sortedToo).containsExactly(10L, 20L);
        assertThat(after.inOrder).containsExactly("z", "y", "x", "w", "a");
        after.byLevel.put(Level.LOW, 0);
        assertThat(after.byLevel.keySet()).containsExactly(Level.LOW, Level.HIGH);
        after.levels.add(Level.LOW);
        assertThat(after.levels).isInstanceOf(EnumSet.class).containsExactly(Level.LOW, Level.HIGH);
        assertThat(after.queue).isInstanceOf(ArrayDeque.class).containsExactly(2L, 1L);
        for (Map<String, Integer> lru : List.of(after.lru, after.lruToo)) {
            assertThat(lru.get("a")).isEqualTo(1);
            assertThat(lru.keySet()).as("the one used longest ago first").containsExactly("b", "a");
        }
        assertThat(after.inserted.get("a")).isEqualTo(1);
        assertThat(after.inserted.keySet()).containsExactly("a", "b");
    }

    @Test
    void aCollectionThatFreshValuesShareIsNotChanged() {
        Ordered shared = new Ordered();
        Ordered before = new Ordered();
        before.byTime.put(1L, "a");
        before.lruToo.put("a", 1);
        Ordered after = roundTrip(Ordered.class, before, () -> {
            Ordered fresh = new Ordered();
            fresh.byTime = shared.byTime;
            fresh.lruToo = shared.lruToo;
            return fresh;
        });
        assertThat(after.byTime).containsOnlyKeys(1L);
        assertThat(after.lruToo).containsOnlyKeys("a");
        assertThat(shared.byTime).isEmpty();
        assertThat(shared.lruToo).isEmpty();
    }

    @Test
    void aCollectionOfAnotherKindThanTheFreshOneComesBackInItsOrder() {
        Ordered before = new Ordered();
        before.inserted = new TreeMap<>(Map.of("b", 2, "a", 1));
        before.byTime = null;
        before.heap = null;
        Ordered after = roundTrip(Ordered.class, before, Ordered::new);
        assertThat(after.inserted.keySet()).containsExactly("a", "b");
        assertThat(after.byTime).isNull();
        assertThat(after.heap).isNull();
    }

    record Sorted(TreeSet<Integer> set) {}

    record Nested(List<Map<String, Integer>> maps) {}

    @Test
    void aComparatorThatWouldBeLostIsRefusedWhenItIsWritten() {
        assertRoundTrip(new Sorted(new TreeSet<>(Set.of(1, 2))));
        Sorted reversed = new Sorted(new TreeSet<>(Comparator.reverseOrder()));
        assertThatExceptionOfType(SnapshotException.class)
                .isThrownBy(() -> roundTrip(Sorted.class, reversed, () -> reversed))
                .withMessage("state \"s\": java.util.TreeSet with an order or a behaviour of its own"
                        + " (expected: an ordinary collection of java.util, or a field of a class)");
        Nested nested = new Nested(List.of(new TreeMap<>(String.CASE_INSENSITIVE_ORDER)));
        assertThatExceptionOfType(SnapshotException.class)
                .isThrownBy(() -> roundTrip(Nested.class, nested, () -> nested));
    }

    record Tagged(@JsonTypeInfo(use = JsonTypeInfo.Id.CLASS) Sample sample) {}

    @Test
    void annotationsOfJacksonMeanNothing() {
        byte[] snapshot = snapshot(Tagged.class, new Tagged(new Sample(1)));
        assertThat(new String(snapshot, StandardCharsets.ISO_8859_1))
                .doesNotContain("Sample")
                .doesNotContain("@class");
        assertRoundTrip(new Tagged(new Sample(1)));
    }

    record Unvalidated(int size) {}

    record Validated(int size) {
        Validated {
            if (size < 1) {
                throw new IllegalArgumentException("size: " + size + " (expected: >= 1)");
            }
        }
    }

    @Test
    void aRecordChecksWhatIsRestored() {
        byte[] snapshot = snapshot(Unvalidated.class, new Unvalidated(0));
        assertThatExceptionOfType(SnapshotException.class)
                .isThrownBy(() -> restore(Validated.class, () -> new Validated(1), snapshot))
                .withMessageContaining("size: 0 (expected: >= 1)");
    }

    interface Shape {}

    static final class Functional {
        private DoubleUnaryOperator function;
    }

    static final class Untyped {
        private Object anything;
    }

    @SuppressWarnings("rawtypes")
    static final class Raw {
        private List list;
    }

    static final class Wildcard {
        private List<? extends Number> list;
    }

    record WithInterface(Map<String, List<Shape>> shapes) {}

    static final class WithThread {
        private Thread thread;
    }

    static final class WithClass {
        private Class<?> type;
    }

    static final class OwnList extends ArrayList<String> {
        private static final long serialVersionUID = 1;
    }

    static final class WithOwnList {
        private OwnList list;
    }

    static final class Elements {
        private List<Window> windows;
    }

    static final class Replaceable {
        private Window window;
    }

    static class Animal {
        private int legs;
    }

    static final class Dog extends Animal {
        private String name;
    }

    static final class Zoo {
        private Animal animal;
        private Dog dog;
    }

    static final class Hidden extends Base {
        private int inherited;
    }

    static final class Empty {
        private transient int nothing;
    }

    abstract static class Abstract {
        private int x;
    }

    static final class KeyedByRecord {
        private Map<Sample, Integer> map;
    }

    final class Inner {
        private int x;
    }

    static final class WithInner {
        private List<Inner> inner;
    }

    static Stream<Object[]> refusals() {
        return Stream.of(
                new Object[] {Functional.class, "java.util.function.DoubleUnaryOperator at Functional.function"},
                new Object[] {Untyped.class, "java.lang.Object at Untyped.anything"},
                new Object[] {Raw.class, "java.lang.Object at Raw.list"},
                new Object[] {Wildcard.class, "java.lang.Number at Wildcard.list"},
                new Object[] {WithInterface.class, Shape.class.getName() + " at WithInterface.shapes"},
                new Object[] {WithThread.class, "java.lang.Thread at WithThread.thread"},
                new Object[] {WithClass.class, "java.lang.Class<java.lang.Object> at WithClass.type"},
                new Object[] {WithOwnList.class, OwnList.class.getName() + " at WithOwnList.list"},
                new Object[] {Elements.class, Window.class.getName() + " at Elements.windows"},
                new Object[] {Replaceable.class, Window.class.getName() + " at Replaceable.window"},
                new Object[] {
                    Zoo.class, Dog.class.getName() + " (expected: not a subclass of " + Animal.class.getName() + ")"
                },
                new Object[] {Hidden.class, "field at Base.inherited (expected: no other of this name in a subclass)"},
                new Object[] {Empty.class, Empty.class.getName() + " (expected: a record, or a class with fields)"},
                new Object[] {Abstract.class, Abstract.class.getName() + " (expected: "},
                new Object[] {
                    KeyedByRecord.class, Sample.class.getName() + " at KeyedByRecord.map (expected: a string, number"
                },
                new Object[] {WithInner.class, Inner.class.getName() + " at WithInner.inner"},
                new Object[] {Shape.class, Shape.class.getName() + " (expected: "},
                new Object[] {
                    List.class, "java.util.List<java.lang.Object> (expected: a record or class with the collection"
                },
                new Object[] {
                    HashMap.class, "java.util.HashMap<java.lang.Object,java.lang.Object> (expected: a record or"
                },
                new Object[] {Optional.class, "java.lang.Object (expected: "},
                new Object[] {Object.class, "java.lang.Object (expected: "},
                new Object[] {StringBuilder.class, "java.lang.StringBuilder (expected: "});
    }

    @ParameterizedTest
    @MethodSource("refusals")
    void whatWouldNotComeBackIsRefusedWhenItIsDeclared(Class<?> type, String message) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TestStates.of("udf", 1, 1000).state("s", type, () -> null))
                .withMessageStartingWith("state \"s\": " + message)
                .withMessageContaining("(expected: ");
    }

    @Test
    void aSubclassOfTheTypeIsRefused() {
        StatePair<Animal> pair = new StatePair<>(Animal.class, Animal::new);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> pair.state.set(new Dog()))
                .withMessage("state: a " + Dog.class.getName() + " (expected: a " + Animal.class.getName()
                        + ", not a subclass)");
    }

    record Farm(Animal animal) {}

    @Test
    void aSubclassInAFieldIsRefusedWhenItIsWritten() {
        assertRoundTrip(new Farm(null));
        assertThatExceptionOfType(SnapshotException.class)
                .isThrownBy(() -> snapshot(Farm.class, new Farm(new Dog())))
                .withMessage("state \"s\": " + Dog.class.getName() + " (expected: the declared class, not a subclass)");
    }

    @ParameterizedTest
    @ValueSource(ints = {100, 100_000})
    void aStructureThatIsTooDeepIsRefusedOrComesBack(int depth) {
        Node chain = null;
        for (int i = 0; i < depth; i++) {
            chain = new Node(i, chain);
        }
        Node deep = chain;
        if (depth == 100) {
            assertRoundTrip(deep);
        } else {
            assertThatExceptionOfType(SnapshotException.class)
                    .isThrownBy(() -> snapshot(Node.class, deep))
                    .withMessageStartingWith("state \"s\": no " + Node.class.getName());
        }
    }

    private static final class StatePair<T> {
        private final States states = TestStates.of("udf", 1, 10_000_000);
        private final State<T> state;

        StatePair(Class<T> type, Supplier<T> fresh) {
            state = states.state("s", type, fresh);
        }
    }

    @SuppressWarnings("unchecked")
    private static void assertRoundTrip(Record value) {
        Class<Record> type = (Class<Record>) value.getClass();
        assertThat(roundTrip(type, value, () -> {
                    throw new AssertionError("no fresh value is needed");
                }))
                .isEqualTo(value);
    }

    private static <T> T roundTrip(Class<T> type, T value, Supplier<T> fresh) {
        return restore(type, fresh, snapshot(type, value));
    }

    private static <T> byte[] snapshot(Class<T> type, T value) {
        StatePair<T> pair = new StatePair<>(type, () -> value);
        pair.state.set(value);
        return TestStates.snapshot(pair.states);
    }

    private static <T> T restore(Class<T> type, Supplier<T> fresh, byte[] snapshot) {
        StatePair<T> pair = new StatePair<>(type, fresh);
        pair.states.restore(snapshot);
        return pair.state.get();
    }
}
