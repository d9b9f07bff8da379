package io.gridnode.sump.trace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class TraceCapsTest {
    private static final long W = 15_000;
    private static final long START = 1_000 * W;

    private final TraceCaps caps = new TraceCaps(5, 100, W);

    private static TraceKey key(Object label) {
        return new TraceKey(label.toString(), "500", "e", "e");
    }

    private int written(Object label, int failures, long endMs) {
        int written = 0;
        for (int i = 0; i < failures; i++) {
            written += caps.failed(key(label), endMs) >= 0 ? 1 : 0;
        }
        return written;
    }

    private List<String> rest() {
        return caps.takeRest().stream().map(rest -> rest.key.label + " " + rest.count).collect(Collectors.toList());
    }

    @Test
    void aKeyHasFiveAWindowAndTellsWhatWasNotWritten() {
        assertEquals(5, written("a", 2_000, START));
        assertEquals(1, written("b", 1, START + 1));
        assertEquals(1_995, caps.failed(key("a"), START + W));
        assertEquals(0, caps.failed(key("a"), START + W));
        assertEquals(List.of(), rest());
    }

    @Test
    void whatNoLaterTraceHasToldIsLeftForTheEndAndToldOnce() {
        written("a", 7, START);
        assertEquals(List.of("a 2"), rest());
        assertEquals(List.of(), rest());
    }

    private static String word(long number) {
        return Long.toString(number).chars().mapToObj(c -> String.valueOf((char) (c + 49))).collect(Collectors.joining());
    }

    /** The agent and the plug-in in Python are held to the same. */
    @Test
    void theExamplesOfAllSidesHold() throws IOException {
        Object examples = Json.read(Files.readString(Path.of("src/test/resources/trace/caps.json")));
        int perKind = ((Long) Json.get(examples, "per_kind")).intValue();
        int perWindow = ((Long) Json.get(examples, "per_window")).intValue();
        for (Object one : (List<?>) Json.get(examples, "cases")) {
            TraceCaps fresh = new TraceCaps(perKind, perWindow, 1_000 * (Long) Json.get(examples, "window_s"));
            for (Object step : (List<?>) Json.get(one, "steps")) {
                long labels = (Long) Json.get(step, "labels");
                long errors = (Long) Json.get(step, "errors");
                long kept = 0;
                for (long n = 0; n < labels * errors * (Long) Json.get(step, "times"); n++) {
                    String error = Json.get(step, "error") + word(n % errors);
                    TraceKey key = new TraceKey(Json.get(step, "label") + word(n / errors % labels), "500", error, error);
                    kept += fresh.failed(key, 1_000 * (Long) Json.get(step, "at_s")) >= 0 ? 1 : 0;
                }
                assertEquals(Json.get(step, "kept"), kept, Json.get(one, "name") + ": " + step);
            }
        }
    }

    @Test
    void labelCodeAndFingerprintMakeAKey() {
        for (String[] parts : new String[][] {{"a", "500", "x"}, {"b", "500", "x"}, {"a", "502", "x"}, {"a", "500", "y"}}) {
            for (int i = 0; i < 5; i++) {
                assertEquals(0, caps.failed(new TraceKey(parts[0], parts[1], "e" + i, parts[2]), START));
            }
        }
    }

    @Test
    void endsOnBothSidesOfABorderDoNotBeginItAnew() {
        int written = 0;
        for (int i = 0; i < 100; i++) {
            written += written("a", 1, START - 1 + i % 2);
        }
        assertEquals(6, written, "one before the border, five after it");
    }

    @Test
    void aClockThatIsSetBackDoesNotEndTraces() {
        written("a", 9, START);
        assertEquals(5, written("a", 9, START - 86_400_000));
    }

    @Test
    void keysAreForgottenButNotWhatWasCounted() {
        long written = 0;
        for (int i = 0; i < 3_000; i++) {
            written += written(i, 3, START);
        }
        long told = caps.takeRest().stream().mapToLong(rest -> rest.count).sum();
        assertTrue(told <= 3L * TraceCaps.KEYS_MAX);
        assertEquals(3_000 * 3, written + told + caps.takeOthers());
        assertEquals(0, caps.takeOthers());
    }

    @Test
    void whatCouldNotBeWrittenCounts() {
        written("a", 6, START);
        caps.notWritten(key("a"), 5);
        assertEquals(List.of("a 6"), rest());
    }

    @Test
    void threeSlowOnesAWindow() {
        for (int i = 0; i < 3; i++) {
            assertTrue(caps.slow(START));
        }
        assertFalse(caps.slow(START));
        assertTrue(caps.slow(START + W));
    }

    @Test
    void noneAreWrittenWhereNoneAreWanted() {
        assertEquals(TraceCaps.SUPPRESSED, new TraceCaps(0, 100, W).failed(key("a"), START));
        assertEquals(TraceCaps.SUPPRESSED, new TraceCaps(5, 0, W).failed(key("a"), START));
    }
}
