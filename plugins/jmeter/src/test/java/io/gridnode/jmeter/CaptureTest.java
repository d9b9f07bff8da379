package io.gridnode.jmeter;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gridnode.sump.Settings;
import io.gridnode.sump.StopFile;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.jmeter.assertions.AssertionResult;
import org.apache.jmeter.protocol.http.sampler.HTTPSampleResult;
import org.apache.jmeter.samplers.SampleEvent;
import org.apache.jmeter.samplers.SampleResult;
import org.apache.jmeter.threads.JMeterContextService;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CaptureTest {
    private static final String TRANSACTION = "Number of samples in transaction : 2, number of failing samples : 0";

    @TempDir
    Path dir;

    @AfterEach
    void clear() {
        JMeterContextService.getContext().clear();
    }

    /** What is written when these are announced, in order. */
    private List<String> traces(SampleResult... results) throws IOException {
        return traces(dir, results);
    }

    static List<String> traces(Path dir, SampleResult... results) throws IOException {
        Map<String, String> properties = Map.of(
                "gridnode.flood", "7", "gridnode.final_dir", dir.toString(), "gridnode.trace_key", "00010203",
                "gridnode.trace_slower_ms", "300");
        Run run = Run.start(Settings.read(properties::get, name -> null), new StopFile(null));
        for (SampleResult result : results) {
            run.sample(new SampleEvent(result, "group", null, false));
        }
        run.end();
        List<String> traces = new ArrayList<>();
        try (var files = Files.list(dir)) {
            for (Path file : (Iterable<Path>) files.filter(f -> f.toString().endsWith(".json")).sorted()::iterator) {
                traces.add(Files.readString(file));
            }
        }
        return traces;
    }

    private static HTTPSampleResult http(String label, String code) {
        HTTPSampleResult result = new HTTPSampleResult(5);
        result.setSampleLabel(label);
        result.setResponseCode(code);
        result.setResponseMessage("said");
        result.setSuccessful(code.equals("200"));
        result.setHTTPMethod("POST");
        result.setRequestHeaders("Accept: */*\nContent-Type: application/json\n");
        result.setQueryString("{\"a\":1}");
        result.setCookies("id=abc");
        result.setResponseHeaders("HTTP/1.1 500 Server: Error\nContent-Type: text/plain\nX-Request-Id: r1\n");
        result.setResponseData("the answer".getBytes(UTF_8));
        return result;
    }

    private static void has(String trace, String... parts) {
        for (String part : parts) {
            assertTrue(trace.contains(part), part + " in " + trace);
        }
    }

    @Test
    void aFailedRequestHasAllOfItsExchange() throws IOException {
        HTTPSampleResult result = http("cart", "500");
        result.setURL(URI.create("http://127.0.0.1/a?b=1").toURL());
        result.setThreadName("users 1-3");
        AssertionResult assertion = new AssertionResult("no error");
        assertion.setFailure(true);
        assertion.setFailureMessage("there is one");
        result.addAssertionResult(new AssertionResult("passed"));
        result.addAssertionResult(assertion);
        List<String> traces = traces(result);
        assertEquals(1, traces.size());
        has(traces.get(0), "\"label\":\"cart\"", "\"code\":\"500\",\"error\":\"there is one\",\"thread\":\"users 1-3\",\"why\":\"failed\"",
                "\"request\":{\"method\":\"POST\",\"url\":\"http://127.0.0.1/a?b=1\",\"headers\":[[\"Accept\",\"*/*\"],",
                "[\"Cookie\",\"id=‹redacted:", "\"body\":\"{\\\"a\\\":1}\",\"body_bytes\":7}",
                "\"response\":{\"status\":500,\"message\":\"said\",\"headers\":[[\"Content-Type\",\"text/plain\"],[\"X-Request-Id\",\"r1\"]],"
                        + "\"body\":\"the answer\",\"body_bytes\":10}",
                "\"assertions\":[{\"name\":\"no error\",\"message\":\"there is one\"}]", "\"correlation\":{\"x-request-id\":\"r1\"}");
    }

    @Test
    void whereNothingWasAnsweredJmetersStackTraceIsNoAnswer() throws IOException {
        HTTPSampleResult result = http("cart", "Non HTTP response code: java.net.SocketTimeoutException");
        result.setResponseHeaders("");
        List<String> traces = traces(result);
        has(traces.get(0), "\"response\":{\"message\":\"said\"}", "\"code\":\"Non HTTP response code: java.net.SocketTimeoutException\"");
    }

    @Test
    void whoseTimesAreNotSetIsDatedNow() throws IOException {
        SampleResult result = new SampleResult();
        result.setSampleLabel("ERROR: shop.NotThere");
        result.setSuccessful(false);
        result.setResponseData("Class not found: shop.NotThere", null);
        String trace = traces(result).get(0);
        has(trace, "\"error\":\"Class not found: shop.NotThere\"");
        assertFalse(trace.contains("\"time_ns\":0,"), trace);
    }

    @Test
    void anotherSamplersDataAreItsBodies() throws IOException {
        SampleResult result = SampleResult.createTestSample(1_000, 1_250);
        result.setSampleLabel("SELECT");
        result.setSuccessful(false);
        result.setSamplerData("select a, password='hunter2'");
        result.setResponseData("no such table".getBytes(UTF_8));
        List<String> traces = traces(result);
        has(traces.get(0), "\"rt_ms\":250,\"code\":\"none\"", "\"body\":\"no such table\",\"body_bytes\":13}",
                "\"request\":{\"body\":\"select a, password='‹redacted:");
        assertFalse(traces.get(0).contains("hunter2"));
    }

    private static HTTPSampleResult at(String path, String code) throws IOException {
        HTTPSampleResult result = http(path, code);
        result.setURL(URI.create("http://127.0.0.1/" + path).toURL());
        return result;
    }

    @Test
    void redirectsAndEmbeddedResourcesAreSteps() throws IOException {
        HTTPSampleResult hop = at("hop", "302");
        hop.setResponseData("x ".repeat(4_500).getBytes(UTF_8));
        HTTPSampleResult result = new HTTPSampleResult(hop);
        result.addRawSubResult(hop);
        HTTPSampleResult end = at("end", "500");
        result.addSubResult(end, false);
        result.addSubResult(at("embedded", "404"), false);
        result.setURL(end.getURL());
        result.setSuccessful(false);
        List<String> traces = traces(result);
        assertEquals(1, traces.size());
        int at = traces.get(0).indexOf("\"steps\"");
        has(traces.get(0).substring(0, at), "http://127.0.0.1/end", "\"status\":500");
        String steps = traces.get(0).substring(at);
        has(steps, "\"status\":302", "\"status\":404", "\"body\":\"" + "x ".repeat(2_048) + "\",\"body_bytes\":9000");
        assertFalse(steps.contains("steps_omitted") || steps.contains("/end"), steps);
    }

    /** As JMeter hands it over with {@code httpsampler.separate.container=false}. */
    @Test
    void aPageThatHasItsResourcesWithinIsItselfOne() throws IOException {
        HTTPSampleResult page = at("page", "200");
        HTTPSampleResult error = new HTTPSampleResult(page);
        error.setResponseCode("Non HTTP response code: java.net.URISyntaxException");
        page.addSubResult(error, false);
        page.addSubResult(at("embedded", "404"), false);
        page.addSubResult(page, false);
        page.setSuccessful(false);
        String trace = traces(page).get(0);
        has(trace, "\"url\":\"http://127.0.0.1/page\"", "\"response\":{\"status\":200", "http://127.0.0.1/embedded");
        assertEquals(3, trace.split("\"url\":").length, trace);
    }

    @Test
    void onlyRequestsThatFailedOrWereSlowHaveOne() throws IOException {
        SampleResult outer = SampleResult.createTestSample(1_000, 1_999);
        outer.setSampleLabel("outer");
        outer.setResponseMessage(TRANSACTION);
        outer.setSuccessful(false);
        outer.addSubResult(http("passed", "200"), false);
        outer.addSubResult(http("failed", "503"), false);
        SampleResult slow = SampleResult.createTestSample(1_000, 1_301);
        slow.setSampleLabel("slow");
        slow.setSuccessful(true);
        List<String> traces = traces(outer, slow);
        assertEquals(2, traces.size(), traces::toString);
        has(traces.get(0), "\"label\":\"failed\"");
        has(traces.get(1), "\"label\":\"slow\"", "\"why\":\"slow\"");
    }

    @Test
    void oneThatCannotBeReadIsLost() throws IOException {
        SampleResult bad = new SampleResult() {
            private static final long serialVersionUID = 1L;

            @Override
            public byte[] getResponseData() {
                throw new IllegalStateException("it has none");
            }
        };
        bad.setSampleLabel("bad");
        bad.setSuccessful(false);
        List<String> traces = traces(bad);
        has(traces.get(0), "{\"suppressed\":[],\"others\":0,\"unwritten\":1,\"unwritten_failed\":1}");
    }
}
