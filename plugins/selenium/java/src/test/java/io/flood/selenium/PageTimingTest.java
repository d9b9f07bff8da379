package io.flood.selenium;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PageTimingTest {
    @Test
    void aFinishedPage() {
        PageTiming page = PageTiming.from(Map.of("load", 812L, "first", 31L, "sofar", 900.5, "connect", 2L, "status", 404L));
        assertEquals(812.0, page.loadMs);
        assertEquals(31.0, page.firstByteMs);
        assertEquals(2.0, page.connectMs);
        assertEquals(404, page.status);
    }

    @Test
    void whatCannotBeTrueIsUnknown() {
        Map<String, Object> answer = new HashMap<>();
        answer.put("load", -1_700_000_000_000L);
        answer.put("first", Double.NaN);
        answer.put("sofar", 1e300);
        answer.put("connect", 0L);
        answer.put("status", 0L);
        PageTiming page = PageTiming.from(answer);
        assertNull(page.loadMs);
        assertNull(page.firstByteMs);
        assertNull(page.soFarMs);
        assertNull(page.connectMs);
        assertNull(page.status);
        assertNull(PageTiming.from("no map").loadMs);
    }
}
