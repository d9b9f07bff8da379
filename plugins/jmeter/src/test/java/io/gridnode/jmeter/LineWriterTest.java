package io.gridnode.jmeter;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.MalformedURLException;
import java.net.URI;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import org.apache.jmeter.assertions.AssertionResult;
import org.apache.jmeter.samplers.SampleResult;
import org.junit.jupiter.api.Test;

class LineWriterTest {
    private static final long NOW_MS = 1_700_000_000_500L;
    private final LineWriter writer = new LineWriter("7", "42-ab");
    private final LineBuffer out = new LineBuffer();

    static SampleResult result(String label, long elapsedMs, boolean ok) {
        SampleResult result = SampleResult.createTestSample(NOW_MS - 100 - elapsedMs, NOW_MS - 100);
        result.setSampleLabel(label);
        result.setSuccessful(ok);
        return result;
    }

    private String line(SampleResult result) {
        out.clear();
        writer.sample(out, result, false, NOW_MS);
        return out.toString();
    }

    @Test
    void aSampleHasAllItsMeasurements() throws MalformedURLException {
        SampleResult result = result("GET /cart", 123, true);
        result.setResponseCode("200");
        result.setLatency(30);
        result.setConnectTime(2);
        result.setBytes(1_234L);
        result.setSentBytes(321L);
        assertEquals(
                "sample,flood=7,label=GET+%2Fcart rt=123,ok=t,code=\"200\",lat=30,conn=2,rx=1234i,tx=321i 1700000000400000000\n",
                line(result));
    }

    @Test
    void aTransactionIsMarked() {
        writer.sample(out, result("t", 1, true), true, NOW_MS);
        assertTrue(out.toString().contains(",kind=\"transaction\" "), out.toString());
    }

    @Test
    void labelsAreEncodedAsJavaDoes() {
        for (String label : new String[] {"a,b=c d\\\"e\"", "é 漢 \uD83D\uDE00", "\u0000\r\n\t", "A-z_0.9*~+%", "\uD83D alone"}) {
            String line = line(result(label, 1, true));
            String encoded = line.substring("sample,flood=7,label=".length(), line.indexOf(' '));
            assertEquals(URLEncoder.encode(label, StandardCharsets.UTF_8), encoded);
        }
        assertTrue(line(result("", 1, true)).contains("label=__empty__ "));
    }

    @Test
    void aLongLabelIsCutAsTheReceiverWouldCutIt() {
        String line = line(result("é".repeat(300), 1, true));
        String label = URLDecoder.decode(
                line.substring("sample,flood=7,label=".length(), line.indexOf(' ')), StandardCharsets.UTF_8);
        // SHA-256 of 300 times U+00E9 in UTF-8.
        assertEquals("é".repeat(247) + "…" + LONG_LABEL_HASH, label);
        String odd = line(result("x" + "é".repeat(300), 1, true));
        assertTrue(odd.contains("label=x" + "%C3%A9".repeat(246) + "%E2%80%A6"), odd);
        String whole = "x".repeat(LineWriter.LABEL_BYTES_MAX);
        assertTrue(line(result(whole, 1, true)).contains("label=" + whole + " "));
    }

    private static final String LONG_LABEL_HASH = "7250b66610f8";

    @Test
    void anErrorIsTheFirstFailedAssertionOrTheResponsesMessage() {
        SampleResult result = result("x", 1, false);
        result.setResponseMessage("Not Found");
        assertTrue(line(result).contains(",error=\"Not Found\" "));
        AssertionResult passed = new AssertionResult("passed");
        AssertionResult failed = new AssertionResult("failed");
        failed.setFailure(true);
        failed.setFailureMessage("said \"no\"\r\nwith a \\");
        result.addAssertionResult(passed);
        result.addAssertionResult(failed);
        assertTrue(line(result).contains(",error=\"said \\\"no\\\"  with a \\\\\" "), line(result));
        result.setSuccessful(true);
        assertFalse(line(result).contains("error="), "a success has no error");
    }

    @Test
    void anErrorIsCutAtACharacterWithItsEscapesCounted() {
        SampleResult result = result("x", 1, false);
        result.setResponseMessage("\"".repeat(2_000));
        assertTrue(line(result).contains("error=\"" + "\\\"".repeat(512) + "\" "));
        result.setResponseMessage("x" + "漢".repeat(1_000));
        assertTrue(line(result).contains("error=\"x" + "漢".repeat(341) + "\" "));
    }

    @Test
    void aTextCodeIsKeptAsText() {
        SampleResult result = result("x", 1, true);
        result.setResponseCode("Non HTTP response code: java.net.ConnectException");
        assertTrue(line(result).contains(",code=\"Non HTTP response code: java.net.ConnectException\","));
    }

    @Test
    void aLatencyOfZeroIsSentOnlyWhereItWasMeasured() throws MalformedURLException {
        SampleResult result = result("x", 1, true);
        result.setResponseCode("200");
        assertFalse(line(result).contains(",lat="));
        result.setURL(URI.create("http://127.0.0.1/").toURL());
        assertTrue(line(result).contains(",lat=0,"));
        result.setResponseCode("Non HTTP response code: x");
        assertFalse(line(result).contains(",lat="));
    }

    @Test
    void anEndThatCannotBeTrueIsReplacedByNow() {
        assertTrue(line(SampleResult.createTestSample(1, 5)).endsWith(" 1700000000500000000\n"));
        assertTrue(line(SampleResult.createTestSample(NOW_MS, NOW_MS + 3_600_000)).endsWith(" 1700000000500000000\n"));
    }

    @Test
    void theFloodCannotBreakOutOfItsTag() {
        LineWriter hostile = new LineWriter("a b,c=d\ne\\", "s");
        hostile.users(out, 1, 2, 3, NOW_MS);
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
