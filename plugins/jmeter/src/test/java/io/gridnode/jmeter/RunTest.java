package io.gridnode.jmeter;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gridnode.sump.LineHead;
import io.gridnode.sump.Sample;
import io.gridnode.sump.Settings;
import io.gridnode.sump.StopFile;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.MalformedURLException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.jmeter.assertions.AssertionResult;
import org.apache.jmeter.protocol.http.sampler.HTTPSampleResult;
import org.apache.jmeter.samplers.AbstractSampler;
import org.apache.jmeter.samplers.Entry;
import org.apache.jmeter.samplers.SampleEvent;
import org.apache.jmeter.samplers.SampleResult;
import org.apache.jmeter.samplers.Sampler;
import org.apache.jmeter.threads.JMeterContext;
import org.apache.jmeter.threads.JMeterContextService;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Over a real socket on loopback; the receiver's buffer holds all that a test sends. */
class RunTest {
    private static final String TRANSACTION = "Number of samples in transaction : 2, number of failing samples : 0";
    private static final Sampler SAMPLER = new AbstractSampler() {
        private static final long serialVersionUID = 1L;

        @Override
        public SampleResult sample(Entry entry) {
            return null;
        }
    };
    private static final long NOW_MS = 1_700_000_000_500L;

    private DatagramSocket receiver;
    private Run run;
    private final Sample sample = new Sample();

    @BeforeEach
    void open() throws IOException {
        receiver = new DatagramSocket(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        Map<String, String> properties = Map.of(
                "gridnode.flood", "7",
                "gridnode.sump_host", receiver.getLocalAddress().getHostAddress(),
                "gridnode.sump_port", Integer.toString(receiver.getLocalPort()));
        run = Run.start(Settings.read(properties::get, name -> null), new StopFile(null));
    }

    @AfterEach
    void close() {
        JMeterContextService.getContext().clear();
        run.end();
        receiver.close();
    }

    @Test
    void aHiddenTransactionGivesItsChildrenOnceButNotTheirParts() throws IOException {
        SampleResult redirected = http("redirected", 5);
        redirected.addSubResult(http("hop", 1), false);
        SampleResult inner = result("inner", 6, true);
        inner.setResponseMessage(TRANSACTION);
        inner.addSubResult(result("deep", 6, true), false);
        SampleResult outer = result("outer", 11, true);
        outer.setResponseMessage(TRANSACTION);
        outer.addSubResult(redirected, false);
        outer.addSubResult(inner, false);
        run.sample(new SampleEvent(outer, "group", null, false));
        run.end();
        List<String> samples = received();
        assertEquals(List.of("redirected", "deep", "inner", "outer"), labels(samples));
        assertEquals(
                List.of("inner", "outer"),
                labels(samples.stream().filter(l -> l.contains("kind=\"transaction\"")).collect(Collectors.toList())));
    }

    @Test
    void aTransactionThatIsAnnouncedAgainIsOneAsInJmetersFile() throws IOException {
        SampleResult outer = result("outer", 11, true);
        SampleResult first = result("first", 5, true);
        announce(first);
        outer.addSubResult(first, false);
        run.sample(new SampleEvent(outer, "group", null, false));
        SampleResult second = result("second", 6, true);
        announce(second);
        outer.addSubResult(second, false);
        outer.setResponseMessage(TRANSACTION);
        run.sample(new SampleEvent(outer, "group", null, false));
        run.end();
        assertEquals(List.of("first", "T outer"), labelsAndKinds(received()));
    }

    @Test
    void aTransactionThatIsCutShortBeforeItsFirstRequestIsOneToo() throws IOException {
        announce(result("another", 1, true));
        SampleResult outer = new SampleResult();
        outer.setSampleLabel("outer");
        outer.sampleStart();
        run.sample(new SampleEvent(outer, "group", null, false));
        run.end();
        assertEquals(List.of("T outer"), labelsAndKinds(received()));
    }

    @Test
    void aTransactionThatIsLittleButPausesIsNotBelowZero() throws IOException {
        for (long idleMs : new long[] {1, 90_000}) {
            SampleResult outer = new SampleResult();
            outer.setSampleLabel("outer");
            outer.setIdleTime(idleMs);
            outer.setStampAndTime(1_700_000_000_000L, -idleMs);
            assertEquals(-idleMs, outer.getTime());
            run.sample(new SampleEvent(outer, "group", null, false));
        }
        run.end();
        List<String> samples = received();
        assertTrue(samples.get(0).contains(" rt=0,"), samples.get(0));
        assertTrue(samples.get(1).contains(" rt=-90000,"), samples.get(1));
    }

    @Test
    void redirectsAndEmbeddedResourcesArePartsOfTheirRequest() throws IOException {
        SampleResult redirected = http("redirected", 5);
        SampleResult hop = http("hop", 1);
        hop.addSubResult(http("embedded", 1), false);
        redirected.addSubResult(hop, false);
        announce(redirected);
        run.sample(new SampleEvent(redirected, "group", null, false));
        run.end();
        assertEquals(List.of("redirected"), labelsAndKinds(received()));
    }

    @Test
    void aResultWithOthersWithinItIsATransactionOfThem() throws IOException {
        SampleResult group = result("group", 9, true);
        SampleResult page = http("page", 5);
        page.addSubResult(http("embedded", 1), false);
        group.addSubResult(page, false);
        SampleResult inner = result("inner", 4, true);
        inner.addSubResult(result("deep", 4, false), false);
        group.addSubResult(inner, false);
        announce(group);
        run.sample(new SampleEvent(group, "group", null, false));
        run.end();
        assertEquals(List.of("page", "deep", "T inner", "T group"), labelsAndKinds(received()));
    }

    @Test
    void aResultWithItselfWithinItEndsWhereJmetersFileDoes() throws IOException {
        SampleResult ring = new SampleResult() {
            private static final long serialVersionUID = 1L;

            @Override
            public SampleResult[] getSubResults() {
                return new SampleResult[] {this};
            }
        };
        ring.setSampleLabel("ring");
        announce(ring);
        run.sample(new SampleEvent(ring, "group", null, false));
        run.end();
        assertEquals(12, received().size());
    }

    @Test
    void aResultThatCannotBeReadCostsNoOther() throws IOException {
        SampleResult bad = new SampleResult() {
            private static final long serialVersionUID = 1L;

            @Override
            public URL getURL() {
                throw new IllegalStateException("it has none");
            }
        };
        SampleResult outer = result("outer", 11, true);
        outer.setResponseMessage(TRANSACTION);
        outer.addSubResult(result("before", 5, true), false);
        outer.addSubResult(bad, false);
        outer.addSubResult(result("after", 5, true), false);
        run.sample(new SampleEvent(outer, "group", null, false));
        run.end();
        String text = text();
        assertEquals(List.of("before", "after", "T outer"), labelsAndKinds(samplesOf(text)));
        assertTrue(text.contains("i,samples=3i,truncated=1i"), text);
    }

    @Test
    void aSampleHasAllItsMeasurements() throws MalformedURLException {
        SampleResult result = result("GET /cart", 123, true);
        result.setResponseCode("200");
        result.setLatency(30);
        result.setConnectTime(2);
        result.setBytes(1_234L);
        result.setSentBytes(321L);
        result.setResponseMessage("OK");
        run.fill(sample, result, true);
        assertArrayEquals(new LineHead("7").of("GET /cart"), sample.head);
        assertEquals(123, sample.rtMs);
        assertTrue(sample.ok && sample.transaction);
        assertEquals("200", sample.code);
        assertEquals(List.of(30L, 2L), List.of(sample.latencyMs, sample.connectMs));
        assertEquals(List.of(1_234L, 321L), List.of(sample.rxBytes, sample.txBytes));
        assertEquals(NOW_MS - 100, sample.endMs);
        assertNull(sample.error, "a success has no error");
    }

    @Test
    void anErrorIsTheFirstFailedAssertionOrTheResponsesMessage() {
        SampleResult result = result("x", 1, false);
        result.setResponseMessage("Not Found");
        run.fill(sample, result, false);
        assertEquals("Not Found", sample.error);
        AssertionResult failed = new AssertionResult("failed");
        failed.setFailure(true);
        failed.setFailureMessage("no such text");
        result.addAssertionResult(new AssertionResult("passed"));
        result.addAssertionResult(failed);
        run.fill(sample, result, false);
        assertEquals("no such text", sample.error);
    }

    @Test
    void whereNothingWasAnsweredThatIsTheReasonAndNoAssertion() {
        SampleResult result = result("x", 1, false);
        result.setResponseCode("Non HTTP response code: java.net.ConnectException");
        result.setResponseMessage("Non HTTP response message: Connection refused");
        AssertionResult failed = new AssertionResult("has Home");
        failed.setFailure(true);
        failed.setFailureMessage("Test failed: text expected to contain /Home/");
        result.addAssertionResult(failed);
        for (boolean transaction : new boolean[] {false, true}) {
            run.fill(sample, result, transaction);
            assertEquals("ConnectException: Connection refused", sample.error);
        }
        result.setResponseCode("404");
        run.fill(sample, result, false);
        assertEquals(failed.getFailureMessage(), sample.error);
    }

    @Test
    void aResultWithoutCodeAndMessageIsToldByItsData() {
        SampleResult result = new SampleResult();
        result.setSampleLabel("ERROR: shop.NotThere");
        result.setSuccessful(false);
        result.setResponseData("\n Class not found: shop.NotThere\nmore", null);
        long beforeMs = System.currentTimeMillis();
        run.fill(sample, result, false);
        assertEquals("Class not found: shop.NotThere", sample.error);
        assertTrue(sample.endMs >= beforeMs, "it has no time of its own: " + sample.endMs);
        result.setDataType(SampleResult.BINARY);
        run.fill(sample, result, false);
        assertEquals("", sample.error);
        result.setDataType(SampleResult.TEXT);
        result.setResponseCode("42");
        run.fill(sample, result, false);
        assertEquals("", sample.error);
    }

    @Test
    void aLatencyOfZeroIsSentOnlyWhereItWasMeasured() throws MalformedURLException {
        SampleResult result = result("x", 1, true);
        result.setResponseCode("200");
        run.fill(sample, result, false);
        assertEquals(-1, sample.latencyMs);
        assertEquals(-1, sample.connectMs);
        result.setURL(URI.create("http://127.0.0.1/").toURL());
        run.fill(sample, result, false);
        assertEquals(0, sample.latencyMs);
        result.setResponseCode("Non HTTP response code: x");
        run.fill(sample, result, false);
        assertEquals(-1, sample.latencyMs);
    }

    @Test
    void anExceptionIsNamedWhereItsWordsDoNotSayWhatItIs() {
        String unknown = "Non HTTP response code: java.net.UnknownHostException";
        assertEquals("UnknownHostException: shop.invalid", Run.named(unknown, "Non HTTP response message: shop.invalid"));
        assertEquals("UnknownHostException", Run.named(unknown, ""));
        assertEquals("UnknownHostException", Run.named(unknown, null));
        assertEquals("UnknownHostException is it", Run.named(unknown, "Non HTTP response message: UnknownHostException is it"));
        assertEquals("Not Found", Run.named("404", "Not Found"));
        assertEquals("said", Run.named(null, "said"));
        assertEquals("said", Run.named("Non HTTP response code: x", "said"));
    }

    @Test
    void aTransactionThatAFailureCutsShortSaysWhatJMeterSaysOfOneThatIsDone() {
        SampleResult cut = result("cut", 20, false);
        cut.addSubResult(result("a", 6, true), false);
        cut.addSubResult(result("b", 6, false), false);
        run.fill(sample, cut, true);
        assertEquals(TRANSACTION.replace(": 0", ": 1"), sample.error);
        run.fill(sample, cut, false);
        assertEquals("", sample.error);
        cut.setResponseMessage("its own");
        run.fill(sample, cut, true);
        assertEquals("its own", sample.error);
    }

    private static SampleResult result(String label, long elapsedMs, boolean ok) {
        SampleResult result = SampleResult.createTestSample(NOW_MS - 100 - elapsedMs, NOW_MS - 100);
        result.setSampleLabel(label);
        result.setSuccessful(ok);
        return result;
    }

    private static SampleResult http(String label, long elapsedMs) {
        SampleResult result = new HTTPSampleResult(elapsedMs);
        result.setSampleLabel(label);
        result.setSuccessful(true);
        return result;
    }

    /** As JMeter's thread does after each sampler, before it tells its listeners. */
    private static void announce(SampleResult result) {
        JMeterContext context = JMeterContextService.getContext();
        context.setCurrentSampler(SAMPLER);
        context.setPreviousResult(result);
    }

    private List<String> received() throws IOException {
        return samplesOf(text());
    }

    private String text() throws IOException {
        StringBuilder text = new StringBuilder();
        DatagramPacket packet = new DatagramPacket(new byte[65_507], 65_507);
        // On loopback a datagram is in the receiver's buffer when send returns: this only ends the loop.
        receiver.setSoTimeout(50);
        try {
            while (true) {
                packet.setLength(65_507);
                receiver.receive(packet);
                text.append(new String(packet.getData(), 0, packet.getLength(), StandardCharsets.UTF_8));
            }
        } catch (SocketTimeoutException e) {
            return text.toString();
        }
    }

    private static List<String> samplesOf(String text) {
        return text.lines().filter(l -> l.startsWith("sample,")).collect(Collectors.toList());
    }

    private static List<String> labelsAndKinds(List<String> samples) {
        List<String> labels = labels(samples);
        for (int i = 0; i < labels.size(); i++) {
            if (samples.get(i).contains("kind=\"transaction\"")) {
                labels.set(i, "T " + labels.get(i));
            }
        }
        return labels;
    }

    private static List<String> labels(List<String> samples) {
        List<String> labels = new ArrayList<>();
        for (String line : samples) {
            labels.add(line.substring(line.indexOf("label=") + "label=".length(), line.indexOf(' ')));
        }
        return labels;
    }
}
