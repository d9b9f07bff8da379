package io.gridnode.gatling;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;

import io.gridnode.sump.LineWriter;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class LabelCacheTest {
    private final LabelCache cache = new LabelCache();

    @Test
    void aLabelThatComesAgainIsNotMadeAgain() {
        byte[] first = cache.encoded(Lists.of("checkout"), "pay");
        assertEquals("checkout+%2F+pay", new String(first, StandardCharsets.US_ASCII));
        // As Gatling does it: a new list each time a user enters the group; the texts may be new, too.
        assertSame(first, cache.encoded(Lists.of(new String("checkout")), new String("pay")));
    }

    @Test
    void labelsThatOnlyLookAlikeAreKeptApart() {
        byte[] group = cache.encoded(Lists.of("a", "b"), null);
        assertNotSame(group, cache.encoded(Lists.of("a"), "b"));
        assertNotSame(group, cache.encoded(Lists.of("a", "b"), ""));
        assertArrayEquals(group, cache.encoded(Lists.of("a"), "b"));
        assertArrayEquals(LineWriter.encodeLabel("b / a"), cache.encoded(Lists.of("b"), "a"));
        assertArrayEquals(LineWriter.encodeLabel("a / c"), cache.encoded(Lists.of("a"), "c"));
    }

    @Test
    void moreLabelsThanItKeepsAreStillRight() {
        for (int round = 0; round < 2; round++) {
            for (int i = 0; i < 20_000; i++) {
                assertArrayEquals(LineWriter.encodeLabel("g / item " + i), cache.encoded(Lists.of("g"), "item " + i));
            }
        }
    }

    @Test
    void aVeryLongNameIsNotKept() {
        String name = "x".repeat(100_000);
        byte[] first = cache.encoded(Lists.of(), name);
        assertNotSame(first, cache.encoded(Lists.of(), name));
        assertArrayEquals(LineWriter.encodeLabel(name), first);
    }
}
