package io.gridnode.sump;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class LineWriterTest {
    private static final long NOW_MS = 1_700_000_000_500L;
    private final LineWriter writer = new LineWriter("7", "42-ab", () -> NOW_MS);
    private final LineBuffer out = new LineBuffer();
    private final LineWriter.Remembered remembered = new LineWriter.Remembered();

    static Sample sample(String label, long rtMs, boolean ok) {
        Sample sample = new Sample();
        sample.label = label;
        sample.rtMs = rtMs;
        sample.ok = ok;
        sample.endMs = NOW_MS - 100;
        return sample;
    }

    private String line(Sample sample) {
        out.clear();
        writer.sample(out, remembered, sample);
        return out.toString();
    }

    @Test
    void aSampleHasAllItsMeasurements() {
        Sample sample = sample("GET /cart", 123, true);
        sample.code = "200";
        sample.latencyMs = 30;
        sample.connectMs = 2;
        sample.rxBytes = 1_234;
        sample.txBytes = 321;
        assertEquals(
                "sample,flood=7,label=GET+%2Fcart rt=123,ok=t,code=\"200\",lat=30,conn=2,rx=1234i,tx=321i 1700000000400000000\n",
                line(sample));
    }

    @Test
    void microsecondsAreWrittenWhereThereAreSome() {
        Sample sample = sample("x", 0, true);
        sample.setRtUs(123_457);
        sample.setLatencyUs(30_000);
        sample.setConnectUs(2_050);
        assertTrue(line(sample).contains(" rt=123.457,ok=t,lat=30,conn=2.050 "), line(sample));
        sample.setRtUs(7);
        sample.setLatencyUs(999);
        sample.setConnectUs(-1);
        assertTrue(line(sample).contains(" rt=0.007,ok=t,lat=0.999 "), line(sample));
        assertTrue(line(sample.clear()).contains(" rt=0,ok=t "), line(sample));
    }

    @Test
    void whatWasNotMeasuredIsLeftOut() {
        assertEquals("sample,flood=7,label=x rt=0,ok=f 1700000000400000000\n", line(sample("x", 0, false)));
        Sample cleared = sample("x", 0, false);
        cleared.code = "200";
        cleared.latencyMs = 0;
        cleared.error = "e";
        cleared.transaction = true;
        assertEquals("sample,flood=7,label=__empty__ rt=0,ok=t 1700000000500000000\n", line(cleared.clear()));
    }

    @Test
    void aLongErrorIsWhatGoesFirst() {
        Sample sample = sample("x", 1, false);
        sample.error = "e".repeat(500);
        out.clear();
        int errorFrom = writer.sample(out, remembered, sample);
        writer.withoutError(out, remembered, errorFrom, sample);
        String shortened = out.toString();
        sample.error = null;
        assertEquals(line(sample), shortened);
    }

    @Test
    void whatTheLineBeforeHadIsNotTakenForWhatIsNew() {
        for (String code : new String[] {"200", "404", null, "200", "\"", "200"}) {
            for (long endMs : new long[] {NOW_MS - 1_500, NOW_MS - 1_499, NOW_MS - 500, NOW_MS - 2_000}) {
                Sample sample = sample("x", 1, true);
                sample.code = code;
                sample.endMs = endMs;
                String field = code == null ? "" : ",code=\"" + code.replace("\"", "\\\"") + "\"";
                assertEquals("sample,flood=7,label=x rt=1,ok=t" + field + " " + endMs + "000000\n", line(sample));
            }
        }
    }

    @Test
    void aTransactionIsMarked() {
        Sample sample = sample("t", 1, true);
        sample.transaction = true;
        assertTrue(line(sample).contains(",kind=\"transaction\" "));
    }

    @Test
    void aHeadMadeBeforehandMakesTheSameLine() {
        for (String label : new String[] {"a / b", "é", "", "x".repeat(600)}) {
            Sample encoded = sample(null, 1, true);
            encoded.head = new LineHead("7").of(label);
            assertEquals(line(sample(label, 1, true)), line(encoded));
        }
    }

    @Test
    void labelsAreEncodedAsJavaDoes() {
        for (String label : new String[] {"a,b=c d\\\"e\"", "é 漢 \uD83D\uDE00", "\u0000\r\n\t", "A-z_0.9*~+%", "\uD83D alone"}) {
            String line = line(sample(label, 1, true));
            String encoded = line.substring("sample,flood=7,label=".length(), line.indexOf(' '));
            assertEquals(URLEncoder.encode(label, StandardCharsets.UTF_8), encoded);
        }
        assertTrue(line(sample("", 1, true)).contains("label=__empty__ "));
    }

    @Test
    void aLongLabelIsCutAsTheReceiverWouldCutIt() {
        String line = line(sample("é".repeat(300), 1, true));
        String label = URLDecoder.decode(
                line.substring("sample,flood=7,label=".length(), line.indexOf(' ')), StandardCharsets.UTF_8);
        // SHA-256 of 300 times U+00E9 in UTF-8.
        assertEquals("é".repeat(247) + "…" + LONG_LABEL_HASH, label);
        String odd = line(sample("x" + "é".repeat(300), 1, true));
        assertTrue(odd.contains("label=x" + "%C3%A9".repeat(246) + "%E2%80%A6"), odd);
        String whole = "x".repeat(LineHead.LABEL_BYTES_MAX);
        assertTrue(line(sample(whole, 1, true)).contains("label=" + whole + " "));
    }

    private static final String LONG_LABEL_HASH = "7250b66610f8";

    @Test
    void anErrorIsEscapedAndHasNoLineEnds() {
        Sample sample = sample("x", 1, false);
        for (String tail : new String[] {"", " é"}) {
            sample.error = "said \"no\"\r\nwith a \\" + tail;
            assertTrue(line(sample).contains(",error=\"said \\\"no\\\"  with a \\\\" + tail + "\" "), line(sample));
        }
        sample.error = "half \uD83D of a pair";
        assertTrue(line(sample).contains(",error=\"half ? of a pair\" "), line(sample));
    }

    @Test
    void anErrorIsCutAtACharacterWithItsEscapesCounted() {
        Sample sample = sample("x", 1, false);
        sample.error = "\"".repeat(2_000);
        assertTrue(line(sample).contains("error=\"" + "\\\"".repeat(512) + "\" "));
        sample.error = "x" + "漢".repeat(1_000);
        assertTrue(line(sample).contains("error=\"x" + "漢".repeat(341) + "\" "));
        sample.error = "\\\"€".repeat(1_000);
        assertTrue(line(sample).contains("error=\"" + "\\\\\\\"€".repeat(146) + "\\\\\" "), line(sample));
    }

    @Test
    void aTextCodeIsKeptAsText() {
        Sample sample = sample("x", 1, true);
        sample.code = "Non HTTP response code: java.net.ConnectException";
        assertTrue(line(sample).contains(",code=\"Non HTTP response code: java.net.ConnectException\" "));
    }

    @Test
    void anEndThatCannotBeTrueIsReplacedByNow() {
        Sample sample = sample("x", 1, true);
        for (long endMs : new long[] {5, NOW_MS + 3_600_000}) {
            sample.endMs = endMs;
            assertTrue(line(sample).endsWith(" 1700000000500000000\n"));
        }
    }

    @Test
    void theClockIsAskedForEndsFarFromWhatItSaidLast() {
        long[] asked = new long[1];
        LineWriter counting = new LineWriter("7", "42-ab", () -> NOW_MS + asked[0]++);
        Sample sample = sample("x", 1, true);
        for (long endMs : new long[] {NOW_MS, NOW_MS + 400, NOW_MS - 400, NOW_MS + 999, NOW_MS - 3_600_000}) {
            sample.endMs = endMs;
            out.clear();
            counting.sample(out, remembered, sample);
            assertTrue(out.toString().endsWith(" " + endMs + "000000\n"), out.toString());
        }
        assertEquals(3, asked[0]);
    }

    @Test
    void theFloodCannotBreakOutOfItsTag() {
        LineWriter hostile = new LineWriter("a b,c=d\ne\\", "s", () -> NOW_MS);
        hostile.users(out, new UserCounts(1, 2, 3), NOW_MS);
        assertEquals("users,flood=a\\ b\\,c\\=d_e_,source=s active=1i,started=2i,finished=3i 1700000000500000000\n", out.toString());
    }

    @Test
    void numbersOfAllSizesAreWritten() {
        for (long value : new long[] {0, 9, 10, -1, 1_234_567_890_123L, Long.MAX_VALUE, Long.MIN_VALUE}) {
            out.clear();
            assertEquals(Long.toString(value), out.append(value).toString());
        }
    }
}
