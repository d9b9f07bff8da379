package io.gridnode.gatling;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;

import io.gridnode.sump.LineWriter;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class RequestLabelsTest {
    private final RequestLabels labels = new RequestLabels();

    @Test
    void aLabelThatComesAgainIsNotMadeAgain() {
        byte[] first = labels.of(Lists.of("checkout"), "pay");
        assertEquals("checkout+%2F+pay", new String(first, StandardCharsets.US_ASCII));
        // As Gatling does it: a new list each time a user enters the group; the texts may be new, too.
        assertSame(first, labels.of(Lists.of(new String("checkout")), new String("pay")));
    }

    @Test
    void labelsThatOnlyLookAlikeAreKeptApart() {
        byte[] group = labels.of(Lists.of("a", "b"), null);
        assertNotSame(group, labels.of(Lists.of("a"), "b"));
        assertNotSame(group, labels.of(Lists.of("a", "b"), ""));
        assertArrayEquals(group, labels.of(Lists.of("a"), "b"));
        assertArrayEquals(LineWriter.encodeLabel("b / a"), labels.of(Lists.of("b"), "a"));
        assertArrayEquals(LineWriter.encodeLabel("a / c"), labels.of(Lists.of("a"), "c"));
    }

    @Test
    void moreLabelsThanItKeepsAreStillRight() {
        for (int round = 0; round < 2; round++) {
            for (int i = 0; i < 20_000; i++) {
                assertArrayEquals(LineWriter.encodeLabel("g / item " + i), labels.of(Lists.of("g"), "item " + i));
            }
        }
    }

    @Test
    void aVeryLongNameIsNotKept() {
        String name = "x".repeat(100_000);
        byte[] first = labels.of(Lists.of(), name);
        assertNotSame(first, labels.of(Lists.of(), name));
        assertArrayEquals(LineWriter.encodeLabel(name), first);
    }
}
