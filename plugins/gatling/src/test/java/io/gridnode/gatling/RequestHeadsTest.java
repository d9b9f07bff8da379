package io.gridnode.gatling;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;

import io.gridnode.sump.LineHead;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class RequestHeadsTest {
    private static final LineHead HEAD = new LineHead("7");
    private final RequestHeads heads = new RequestHeads(HEAD);

    @Test
    void aLabelThatComesAgainIsNotMadeAgain() {
        byte[] first = heads.of(Lists.of("checkout"), "pay");
        assertEquals("sample,flood=7,label=checkout+%2F+pay rt=", new String(first, StandardCharsets.US_ASCII));
        // As Gatling does it: a new list each time a user enters the group; the texts may be new, too.
        assertSame(first, heads.of(Lists.of(new String("checkout")), new String("pay")));
    }

    @Test
    void labelsThatOnlyLookAlikeAreKeptApart() {
        byte[] group = heads.of(Lists.of("a", "b"), null);
        assertNotSame(group, heads.of(Lists.of("a"), "b"));
        assertNotSame(group, heads.of(Lists.of("a", "b"), ""));
        assertArrayEquals(group, heads.of(Lists.of("a"), "b"));
        assertArrayEquals(HEAD.of("b / a"), heads.of(Lists.of("b"), "a"));
        assertArrayEquals(HEAD.of("a / c"), heads.of(Lists.of("a"), "c"));
    }

    @Test
    void moreLabelsThanItKeepsAreStillRight() {
        for (int round = 0; round < 2; round++) {
            for (int i = 0; i < 20_000; i++) {
                assertArrayEquals(HEAD.of("g / item " + i), heads.of(Lists.of("g"), "item " + i));
            }
        }
    }

    @Test
    void aVeryLongNameIsNotKept() {
        String name = "x".repeat(100_000);
        byte[] first = heads.of(Lists.of(), name);
        assertNotSame(first, heads.of(Lists.of(), name));
        assertArrayEquals(HEAD.of(name), first);
    }
}
