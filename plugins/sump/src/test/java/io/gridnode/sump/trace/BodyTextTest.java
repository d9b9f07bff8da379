package io.gridnode.sump.trace;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_16BE;
import static java.nio.charset.StandardCharsets.UTF_16LE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

class BodyTextTest {
    private static final byte[] BINARY = {(byte) 0x89, 'P', 'N', 'G', (byte) 0xFF, 0};

    private static String text(byte[] bytes, String type, int max) {
        return BodyText.of(Body.of(bytes, 0, type, max), false);
    }

    @Test
    void aBodyIsTextByItsTypeAndItsBytes() {
        for (String type : new String[] {
            null, "", "text/html", "TEXT/plain; charset=utf-8", "application/json", "application/problem+json", "image/svg+xml",
            "application/javascript", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x",
            "application/graphql", "application/x-yaml", "application/csv", "application/ecmascript",
        }) {
            assertEquals("Käse", text("Käse".getBytes(UTF_8), type, 99), type);
            String latin = new String(BINARY, ISO_8859_1);
            assertEquals(type == null || type.isEmpty() ? null : latin, text(BINARY, type, 99), type);
        }
        assertNull(text("Käse".getBytes(UTF_8), "application/octet-stream", 99));
        // An error under the type of what was asked for; a cut takes the end of a character.
        for (String type : new String[] {"image/png", "font/woff2", "audio/mpeg", "application/pdf; a=b", "application/zip"}) {
            assertEquals("password=Käse", text("password=Käse".getBytes(UTF_8), type, 99), type);
            assertEquals("password=K", text("password=Käse".getBytes(UTF_8), type, 11), type);
            assertNull(text(BINARY, type, 99), type);
            assertNull(text("Käse".getBytes(ISO_8859_1), type, 99), type);
        }
        assertNull(text("%PDF-1.4".getBytes(UTF_8), "application/pdf", 99));
    }

    @Test
    void itsCharsetIsTheNamedOneWhereItFits() {
        assertEquals("Käse", text("Käse".getBytes(ISO_8859_1), "text/html; charset=\"iso-8859-1\"", 99));
        assertEquals("Käse", text("Käse".getBytes(ISO_8859_1), "text/html", 99), "not what it says");
        assertEquals("Käse", text("Käse".getBytes(ISO_8859_1), "", 99), "it looks like text");
        assertEquals("Käse", text("Käse".getBytes(UTF_8), "text/html; charset=no-such", 99));
        assertEquals("Käse", text("Käse".getBytes(UTF_8), "text/html; charset=us-ascii", 99), "what it really is");
    }

    @Test
    void zerosBetweenItsBytesTellThatItIsWide() {
        String wide = "{\"a\":\"Käse – 😀\",\"b\":\"some more text, and more of it, and more\"}";
        for (String type : new String[] {null, "text/plain", "application/json; charset=utf-16", "application/octet-stream"}) {
            assertEquals(wide, text(wide.getBytes(UTF_16LE), type, 999), type);
            assertEquals(wide, text(wide.getBytes(UTF_16BE), type, 999), type);
            assertEquals(wide, text(("\uFEFF" + wide).getBytes(UTF_16LE), type, 999), type);
            assertEquals(wide.substring(0, 4), text(wide.getBytes(UTF_16LE), type, 9), type);
        }
        assertNull(text(wide.getBytes(UTF_16LE), "image/png", 999));
        assertNull(text(new byte[9], "application/octet-stream", 99), "zeros are no text");
        assertNull(text(new byte[] {1, 0, 2, 0}, "application/octet-stream", 99), "nor are numbers");
        assertEquals("密码", text("\uFEFF密码".getBytes(UTF_16LE), "text/plain", 99));
    }

    @Test
    void itIsCutBetweenCharactersAndKeepsItsSize() {
        byte[] bytes = "ab€😀".getBytes(UTF_8);
        for (String[] example : new String[][] {{"2", "ab"}, {"4", "ab"}, {"5", "ab€"}, {"8", "ab€"}, {"9", "ab€😀"}}) {
            Body body = Body.of(bytes, 0, "text/plain", Integer.parseInt(example[0]));
            assertEquals(example[1], BodyText.of(body, false));
            assertEquals(9, body.total);
            Body same = Body.of("ab€😀", "text/plain; charset=utf-16", Integer.parseInt(example[0]));
            assertEquals(example[1], BodyText.of(same, false));
            assertEquals(9, same.total);
        }
        byte[] half = "ab€".getBytes(UTF_8);
        half[4] = 'x';
        assertEquals(new String(half, ISO_8859_1), text(half, "text/plain", 99), "what is broken is text, too");
    }

    @Test
    void whatIsNoTextIsShownUnlessItMayHaveASecretInIt() {
        Redactor redactor = new Redactor(new byte[] {1}, List.of());
        byte[] named = "\n\bpassword\u0012\u0006canary\u00ff".getBytes(ISO_8859_1);
        for (String type : new String[] {"application/x-protobuf", "application/octet-stream", null}) {
            assertFalse(BodyText.isHarmless(Body.of(named, 0, type, 99), redactor), type);
            assertTrue(BodyText.isHarmless(Body.of(BINARY, 0, type, 99), redactor), type);
        }
        assertTrue(BodyText.isHarmless(Body.of(named, 0, "image/png", 99), redactor));
        assertFalse(BodyText.isHarmless(Body.of(new byte[] {0x1f, (byte) 0x8b, 8}, 0, "application/gzip", 99), redactor));
    }

    @Test
    void aFormWithAFileShowsItsTexts() {
        String before = "--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nKäse\r\n--b\r\nContent-Disposition: form-data; "
                + "name=\"f\"; filename=\"f.png\"\r\n\r\n";
        byte[] start = before.getBytes(UTF_8);
        byte[] end = "\r\n--b--\r\n".getBytes(UTF_8);
        byte[] whole = new byte[start.length + BINARY.length + end.length];
        System.arraycopy(start, 0, whole, 0, start.length);
        System.arraycopy(BINARY, 0, whole, start.length, BINARY.length);
        System.arraycopy(end, 0, whole, start.length + BINARY.length, end.length);
        String type = "multipart/form-data; boundary=\"b\"";
        assertEquals(before + "‹6 bytes›\r\n--b--\r\n", BodyText.of(Body.of(whole, 0, type, 9_999), true));
        Body cut = Body.of(whole, 5_000_000, type, start.length + 5);
        assertEquals(before + "‹" + (5_000_000 - start.length) + " bytes›", BodyText.of(cut, true));
        assertNull(BodyText.of(Body.of(whole, 0, "image/png", 9_999), true));
    }
}
