package io.gridnode.sump;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;

import org.junit.jupiter.api.Test;

class EncodedLabelsTest {
    private final EncodedLabels labels = new EncodedLabels();

    @Test
    void aLabelThatComesAgainIsNotMadeAgain() {
        byte[] first = labels.of("GET /cart");
        assertArrayEquals(LineWriter.encodeLabel("GET /cart"), first);
        assertSame(first, labels.of(new String("GET /cart")));
    }

    @Test
    void labelsOfOneHashAreKeptApart() {
        // Known to have the same.
        assertArrayEquals(LineWriter.encodeLabel("Aa"), labels.of("Aa"));
        assertArrayEquals(LineWriter.encodeLabel("BB"), labels.of("BB"));
        assertArrayEquals(LineWriter.encodeLabel("Aa"), labels.of("Aa"));
    }

    @Test
    void moreLabelsThanItKeepsAreStillRight() {
        for (int round = 0; round < 2; round++) {
            for (int i = 0; i < 20_000; i++) {
                assertArrayEquals(LineWriter.encodeLabel("item " + i), labels.of("item " + i));
            }
        }
    }

    @Test
    void noTextAndAVeryLongOneAreNotKept() {
        String text = "x".repeat(100_000);
        assertNotSame(labels.of(text), labels.of(text));
        assertArrayEquals(LineWriter.encodeLabel(text), labels.of(text));
        assertArrayEquals(LineWriter.encodeLabel(null), labels.of(null));
    }
}
