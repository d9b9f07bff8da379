package io.gridnode.sump;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;

import org.junit.jupiter.api.Test;

class LineHeadCacheTest {
    private static final LineHead HEAD = new LineHead("7");
    private final LineHeadCache cache = new LineHeadCache(HEAD);

    @Test
    void aLabelThatComesAgainIsNotMadeAgain() {
        byte[] first = cache.of("GET /cart");
        assertArrayEquals(HEAD.of("GET /cart"), first);
        assertSame(first, cache.of(new String("GET /cart")));
    }

    @Test
    void labelsOfOneHashAreKeptApart() {
        // Known to have the same.
        assertArrayEquals(HEAD.of("Aa"), cache.of("Aa"));
        assertArrayEquals(HEAD.of("BB"), cache.of("BB"));
        assertArrayEquals(HEAD.of("Aa"), cache.of("Aa"));
    }

    @Test
    void moreLabelsThanItKeepsAreStillRight() {
        for (int round = 0; round < 2; round++) {
            for (int i = 0; i < 20_000; i++) {
                assertArrayEquals(HEAD.of("item " + i), cache.of("item " + i));
            }
        }
    }

    @Test
    void noTextAndAVeryLongOneAreNotKept() {
        String text = "x".repeat(100_000);
        assertNotSame(cache.of(text), cache.of(text));
        assertArrayEquals(HEAD.of(text), cache.of(text));
        assertArrayEquals(HEAD.of(null), cache.of(null));
    }
}
