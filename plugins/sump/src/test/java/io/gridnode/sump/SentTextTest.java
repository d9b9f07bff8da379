package io.gridnode.sump;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import org.junit.jupiter.api.Test;

class SentTextTest {
    @Test
    void itIsWhatTheLineHas() {
        for (String text : new String[] {
            "", "Not Found", "a\tb\r\nc\u007F", "\"quoted\" \\ ".repeat(40), "\"".repeat(600), "x".repeat(1_024), "x".repeat(1_025),
            "Käse €😀 ".repeat(90), "x".repeat(1_022) + "€", "x".repeat(1_021) + "€", "\n" + "é".repeat(3_000),
        }) {
            String line = new LineBuffer().appendQuotable(text, LineWriter.ERROR_BYTES_MAX).toString();
            assertEquals(line.replaceAll("\\\\(.)", "$1"), SentText.error(text));
        }
    }

    @Test
    void mostAreNotCopied() {
        String text = "java.net.SocketTimeoutException: Read timed out";
        assertSame(text, SentText.error(text));
        assertEquals("", SentText.code(null));
        assertEquals("c".repeat(256), SentText.code("c".repeat(300)));
    }
}
