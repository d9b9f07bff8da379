package io.gridnode.gatling;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class LabelTest {
    @Test
    void aLabelIsItsGroupsAndItsName() {
        Label label = new Label(Lists.of("a", "b"), "n", new byte[0]);
        assertTrue(label.is(Lists.of("a", new String("b")), new String("n")));
        assertFalse(label.is(Lists.of("a", "b"), "m"));
        assertFalse(label.is(Lists.of("a", "b"), null));
        assertFalse(label.is(Lists.of("a", "c"), "n"));
        assertFalse(label.is(Lists.of("a"), "n"));
        assertFalse(label.is(Lists.of("a", "b", "c"), "n"));
        assertFalse(label.is(Lists.of(), "n"));
        assertTrue(new Label(Lists.of("a"), null, new byte[0]).is(Lists.of("a"), null));
    }

    @Test
    void equalLabelsHaveEqualHashes() {
        assertEquals(Label.hash(Lists.of("a", "b"), "n"), Label.hash(Lists.of(new String("a"), "b"), new String("n")));
        assertEquals(Label.hash(Lists.of("a"), null), Label.hash(Lists.of("a"), null));
    }

    @Test
    void theGroupsStandInFrontOutermostFirst() {
        assertEquals("home", Label.text(Lists.of(), "home"));
        assertEquals("checkout / pay / card", Label.text(Lists.of("checkout", "pay"), "card"));
        assertEquals("checkout / pay", Label.text(Lists.of("checkout", "pay"), null));
        assertEquals("checkout / ", Label.text(Lists.of("checkout"), ""));
    }
}
