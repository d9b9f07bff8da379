package io.gridnode.sump.trace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

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

    @Test
    void aStormOfManyKindsNeverHidesOneThatIsNew() {
        for (int i = 0; i < 20; i++) {
            assertEquals(5, written(i, 50, START));
        }
        for (int i = 20; i < 120; i++) {
            assertEquals(1, written(i, 50, START));
        }
        assertEquals(0, written("after twice the total", 50, START));
        assertEquals(5, written("after twice the total", 50, START + W));
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
