package io.flood.selenium;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class LinesTest {
    private final Lines lines = new Lines("a b,7", "12-ff");

    @Test
    void aWholeSample() {
        Sample sample = new Sample("GET /cart", false, 123.45678);
        sample.code = 503;
        sample.firstByteMs = 30.0;
        sample.connectMs = 2.5;
        sample.error = "no \"Buy\"\nbutton \\";
        assertEquals("sample,flood=a\\ b\\,7,label=GET+%2Fcart rt=123.457,ok=f,code=\"503\",lat=30.000,conn=2.500,"
                + "error=\"no \\\"Buy\\\" button \\\\\" 1700000000123000000\n", lines.sample(sample, 1_700_000_000_123L));
    }

    @Test
    void whatIsUnknownIsLeftOut() {
        Sample sample = new Sample("", true, 0);
        sample.code = 0;
        assertEquals("sample,flood=a\\ b\\,7,label=__empty__ rt=0.000,ok=t 1000000\n", lines.sample(sample, 1));
    }

    @Test
    void longTextsAreCutAtACharacter() {
        Sample sample = new Sample("é".repeat(400), false, 1);
        sample.error = "\\\"€".repeat(1_000);
        String line = lines.sample(sample, 1);
        String label = line.substring(line.indexOf("label=") + 6, line.indexOf(' ', line.indexOf("label=")));
        byte[] decoded = URLDecoder.decode(label, StandardCharsets.UTF_8).getBytes(StandardCharsets.UTF_8);
        assertEquals(Lines.LABEL_BYTES_KEPT + 3 + 12, decoded.length);
        String error = line.substring(line.indexOf("error=\"") + 7, line.lastIndexOf('"'));
        assertTrue(error.getBytes(StandardCharsets.UTF_8).length <= Lines.ERROR_BYTES_MAX, error);
        assertTrue(error.endsWith("\\\"") || error.endsWith("€") || error.endsWith("\\\\"), error);
    }
}
