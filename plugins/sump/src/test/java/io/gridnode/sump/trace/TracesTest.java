package io.gridnode.sump.trace;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gridnode.sump.Log;
import io.gridnode.sump.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TracesTest {
    private static final String LABEL_ID = "913a924f537d7b2b";
    private static final long END_MS = 1_700_000_000_500L;

    @TempDir
    Path dir;

    private final List<String> said = new ArrayList<>();
    private final Log log = new Log() {
        @Override
        public void info(String text) {}

        @Override
        public void warn(String text) {
            said.add(text);
        }
    };
    private final Map<String, String> environment = new HashMap<>(Map.of("FLOOD_SEQUENCE_ID", "7", "GRIDNODE_TRACE_KEY", "0001ff"));

    private Traces start(Path into) {
        environment.put("GRIDNODE_TRACE_DIR", into.toString());
        return Traces.start(Settings.read(name -> null, environment::get), "s-1", log);
    }

    private List<String> names() throws IOException {
        try (var files = Files.list(dir)) {
            return files.map(file -> file.getFileName().toString()).sorted().collect(Collectors.toList());
        }
    }

    private Object read(String name) throws IOException {
        return Json.read(Files.readString(dir.resolve(name)));
    }

    private static Trace full(Traces traces) {
        Trace trace = traces.failed("GET /a?token=abcabc", "500", "no order 12345", END_MS);
        trace.startMs = END_MS - 12;
        trace.rtUs = 12_500;
        trace.thread = "users 1-3";
        Exchange exchange = trace.exchange;
        exchange.method = "POST";
        exchange.url = "http://a/b?password=hunter2";
        exchange.requestHeader("Authorization", "Bearer hunter2");
        exchange.requestHeader("X-Request-Id", "of the request");
        exchange.requestHeader("traceparent", "00-1-2-3");
        exchange.requestBody = Body.of("{\"pin\":\"hunter2\",\"a\":\"\u0001\t\"}", "application/json", Body.BYTES_MAX);
        exchange.status = 500;
        exchange.message = "Server \"Error\"";
        exchange.responseHeader("x-request-id", "of the response");
        exchange.responseBody = Body.of(new byte[] {1, 2, (byte) 255}, 5_000_000, "image/png", Body.BYTES_MAX);
        trace.assertion("checks", "secret=hunter2");
        for (int i = 0; i < 12; i++) {
            Exchange step = trace.step();
            assertEquals(i >= Trace.STEPS_MAX, step == null);
            if (step != null) {
                step.url = "http://a/" + i;
            }
        }
        return trace;
    }

    @Test
    void whatABrowserSaidAndShowedIsInIt() throws IOException {
        byte[] png = new byte[3 << 20];
        Traces traces = start(dir);
        Trace trace = traces.failed("pay", "none", "x", END_MS);
        trace.exchange.url = "http://a/";
        for (int i = 0; i < 100; i++) {
            trace.console("SEVERE", "javascript", "Uncaught token=hunter2&n=" + i);
        }
        trace.screenshot(png);
        traces.write(trace);
        Trace large = traces.failed("pay", "none", "x", END_MS);
        large.screenshot(new byte[(5 << 20) + 1]);
        traces.write(large);
        traces.end();
        String text = Files.readString(dir.resolve("trace-s-1-0.json"));
        assertFalse(text.contains("hunter2"));
        Object read = Json.read(text);
        assertEquals(50, ((List<?>) Json.get(read, "console")).size());
        assertTrue(Json.get(read, "console", 49, "text").toString().matches("Uncaught token=‹redacted:....›&n=49"), text);
        assertEquals("SEVERE javascript", Json.get(read, "console", 0, "level") + " " + Json.get(read, "console", 0, "source"));
        assertArrayEquals(png, Base64.getDecoder().decode(Json.get(read, "screenshot_png_base64").toString()));
        assertFalse(Files.readString(dir.resolve("trace-s-1-1.json")).contains("screenshot"));
    }

    @Test
    void aTraceIsAFileOfWhatHappenedWithoutItsSecrets() throws IOException {
        Traces traces = start(dir);
        traces.write(full(traces));
        traces.end();
        assertEquals(List.of("trace-s-1-0.json"), names());
        assertFalse(Files.readString(dir.resolve("trace-s-1-0.json")).contains("hunter2"));
        Object trace = read("trace-s-1-0.json");
        assertTrue(Json.get(trace, "label").toString().startsWith("GET /a?token=‹redacted:"));
        assertEquals(
                List.of("7", 1_700_000_000_488_000_000L, 12.5, "500", "no order 12345", "users 1-3", "failed"),
                List.of("flood", "time_ns", "rt_ms", "code", "error", "thread", "why").stream()
                        .map(name -> Json.get(trace, name))
                        .collect(Collectors.toList()));
        assertEquals("POST", Json.get(trace, "request", "method"));
        assertTrue(Json.get(trace, "request", "url").toString().startsWith("http://a/b?password=‹redacted:"));
        assertTrue(Json.get(trace, "request", "headers", 0, 1).toString().startsWith("Bearer ‹redacted:"));
        assertTrue(Json.get(trace, "request", "body").toString().endsWith("›\",\"a\":\"\u0001\t\"}"));
        assertEquals(26L, Json.get(trace, "request", "body_bytes"));
        assertEquals(List.of(500L, "Server \"Error\"", 5_000_000L, "base64"),
                List.of(Json.get(trace, "response", "status"), Json.get(trace, "response", "message"),
                        Json.get(trace, "response", "body_bytes"), Json.get(trace, "response", "body_encoding")));
        assertArrayEquals(new byte[] {1, 2, (byte) 255}, Base64.getDecoder().decode(Json.get(trace, "response", "body").toString()));
        assertEquals("checks", Json.get(trace, "assertions", 0, "name"));
        assertEquals(Trace.STEPS_MAX, ((List<?>) Json.get(trace, "steps")).size());
        assertEquals(2L, Json.get(trace, "steps_omitted"));
        assertEquals(Map.of("traceparent", "00-1-2-3", "x-request-id", "of the response"), Json.get(trace, "correlation"));
    }

    @Test
    void whatIsNotThereIsLeftOut() throws IOException {
        Traces traces = start(dir);
        traces.write(traces.failed(null, "", null, END_MS));
        traces.end();
        Map<?, ?> trace = (Map<?, ?>) read("trace-s-1-0.json");
        assertEquals(List.of("flood", "label", "label_id", "time_ns", "rt_ms", "code", "why"), new ArrayList<>(trace.keySet()));
        assertEquals(List.of("__empty__", "none"), List.of(trace.get("label"), trace.get("code")));
    }

    @Test
    void whatIsSuppressedIsToldByTheNextOfItsKindOrAtTheEnd() throws IOException {
        Traces traces = start(dir);
        for (int i = 0; i < 2_000; i++) {
            Trace trace = traces.failed("storm", "500", "order " + i + " is lost", END_MS);
            assertEquals(i < 5, trace != null);
            if (trace != null) {
                traces.write(trace);
            }
        }
        traces.write(traces.failed("other", "500", "order 1 is lost", END_MS));
        traces.write(traces.failed("storm", "500", "order 7 is lost", END_MS + 15_000));
        for (int i = 0; i < 6; i++) {
            traces.failed("other", "500", "password=hunter2", END_MS);
        }
        traces.end();
        assertEquals(8, names().size());
        assertEquals(1_995L, Json.get(read("trace-s-1-6.json"), "suppressed"));
        Object rest = read("trace-s-1-suppressed.json");
        assertEquals(1, ((List<?>) Json.get(rest, "suppressed")).size());
        assertEquals(List.of("other", "500", 1L), List.of(Json.get(rest, "suppressed", 0, "label"),
                Json.get(rest, "suppressed", 0, "code"), Json.get(rest, "suppressed", 0, "count")));
        assertTrue(Json.get(rest, "suppressed", 0, "error").toString().startsWith("password=‹redacted:"));
        assertEquals(0L, Json.get(rest, "others"));
        assertNull(traces.failed("after the end", "500", "", END_MS));
    }

    @Test
    void theIdOfALabelIsThatOfItsSamples() throws IOException {
        Traces traces = start(dir);
        traces.write(full(traces));
        traces.end();
        // SHA-256 of "GET /a?token=abcabc".
        assertEquals(LABEL_ID, Json.get(read("trace-s-1-0.json"), "label_id"));
    }

    @Test
    void whatIsSuppressedIsOnDiskWithinASecondOrTwo() throws Exception {
        Traces traces = start(dir);
        for (int i = 0; i < 25; i++) {
            Trace trace = traces.failed("storm", "500", "e", END_MS);
            if (trace != null) {
                traces.write(trace);
            }
        }
        Path pending = dir.resolve("trace-s-1-suppressed.pending");
        // Those that wait to be written are in it until they are.
        Object others = null;
        for (int i = 0; i < 400 && !Long.valueOf(20).equals(others); i++) {
            Thread.sleep(50);
            others = Files.exists(pending) ? Json.get(Json.read(Files.readString(pending)), "others") : null;
        }
        assertEquals(20L, others);
        traces.end();
        assertFalse(Files.exists(pending));
        assertEquals(20L, Json.get(read("trace-s-1-suppressed.json"), "suppressed", 0, "count"));
    }

    @Test
    void whatThereIsNoTimeForAtTheEndIsCounted() throws Exception {
        environment.put("GRIDNODE_TRACE_DIR", dir.toString());
        Settings settings = Settings.read(name -> null, environment::get);
        TraceCaps caps = new TraceCaps(5, 20, 15_000);
        TraceJson json = new TraceJson("7", new Redactor(settings.traces.key, settings.traces.secrets));
        TraceWriter writer = new TraceWriter(new TraceFiles(dir, "s-1"), json, caps, log, 0);
        TraceKey key = new TraceKey("a", "500", "x", "x");
        writer.offer(new Trace(key, false, 0));
        writer.offer(new Trace(key, false, 6));
        writer.offer(new Trace(key, true, 0));
        // Its thread begins only then.
        writer.end();
        writer.start();
        Path rest = dir.resolve("trace-s-1-suppressed.json");
        for (int i = 0; i < 500 && !Files.exists(rest); i++) {
            Thread.sleep(10);
        }
        assertEquals("6", Json.get(read("trace-s-1-suppressed.json"), "suppressed", 0, "count").toString());
        assertEquals("2", Json.get(read("trace-s-1-suppressed.json"), "unwritten").toString());
        assertEquals("2", Json.get(read("trace-s-1-suppressed.json"), "unwritten_late").toString());
        assertEquals(List.of("trace-s-1-suppressed.json"), names());
        assertTrue(said.get(0).startsWith("3 error traces are not written"), said.toString());
    }

    @Test
    void anOversizedOneLosesItsStepsAndThenItsBodies() throws IOException {
        Traces traces = start(dir);
        Trace trace = traces.failed("a", "500", "", END_MS);
        String controls = "\u0001".repeat(Body.BYTES_MAX);
        trace.exchange.requestBody = Body.of(controls, "", Body.BYTES_MAX);
        trace.exchange.responseBody = Body.of(controls, "", Body.BYTES_MAX);
        Exchange step = trace.step();
        for (int i = 0; i < 200; i++) {
            step.responseHeader("h", "\u0001".repeat(8_000));
        }
        traces.write(trace);
        Trace larger = traces.failed("a", "500", "", END_MS);
        larger.exchange.requestBody = Body.of(controls, "", Body.BYTES_MAX);
        for (int i = 0; i < 20; i++) {
            larger.exchange.responseHeader("h", "\u0001".repeat(8_000));
        }
        traces.write(larger);
        traces.end();
        assertNull(Json.get(read("trace-s-1-0.json"), "steps"));
        assertEquals(1L, Json.get(read("trace-s-1-0.json"), "steps_omitted"));
        assertEquals(controls, Json.get(read("trace-s-1-0.json"), "response", "body"));
        assertEquals(2_048, Json.get(read("trace-s-1-1.json"), "request", "body").toString().length());
        assertEquals((long) Body.BYTES_MAX, Json.get(read("trace-s-1-1.json"), "request", "body_bytes"));
        assertTrue(Files.size(dir.resolve("trace-s-1-0.json")) <= TraceJson.BYTES_MAX);
    }

    @Test
    void aDiskThatFailsIsSaidOnce() {
        Traces traces = start(dir.resolve("is not there"));
        for (int i = 0; i < 4; i++) {
            traces.write(traces.failed("a", "500", "", END_MS));
        }
        traces.end();
        assertEquals(1, said.size(), said::toString);
        assertTrue(said.get(0).contains("is not there"), said::toString);
    }

    @Test
    void whatADiskDidNotTakeIsToldWhenItDoes() throws IOException {
        Path blocked = Files.createDirectories(dir.resolve("trace-s-1-0.tmp"));
        Traces traces = start(dir);
        traces.write(traces.failed("a", "500", "", END_MS));
        traces.end();
        assertTrue(Files.notExists(blocked) || Files.isDirectory(blocked));
        assertEquals(1L, Json.get(read("trace-s-1-suppressed.json"), "unwritten"));
        assertEquals(1L, Json.get(read("trace-s-1-suppressed.json"), "unwritten_failed"));
        assertEquals(0L, Json.get(read("trace-s-1-suppressed.json"), "others"));
    }

    @Test
    void slowSuccessesOnlyOnRequestAndThreeAWindow() throws IOException {
        assertFalse(start(dir).isSlow(Long.MAX_VALUE));
        environment.put("GRIDNODE_TRACE_SLOWER_MS", "200");
        Traces traces = start(dir);
        assertFalse(traces.isSlow(200));
        assertTrue(traces.isSlow(201));
        for (int i = 0; i < 3; i++) {
            traces.write(traces.slow("a", "200", END_MS));
        }
        assertNull(traces.slow("a", "200", END_MS));
        traces.end();
        assertEquals("slow", Json.get(read("trace-s-1-0.json"), "why"));
        assertFalse(names().contains("trace-s-1-suppressed.json"));
    }

    @Test
    void thereAreNoneWithoutADirectoryOrAKeyAndWrongOnesAreNamed() {
        Map<String, String> flood = Map.of("FLOOD_SEQUENCE_ID", "7", "GRIDNODE_TRACE_KEY", "00");
        assertNull(Traces.start(Settings.read(name -> null, flood::get), "s", log));
        environment.put("GRIDNODE_TRACE_KEY", "");
        assertNull(start(dir));
        environment.put("GRIDNODE_TRACE_KEY", "0x1");
        String message = assertThrows(IllegalArgumentException.class, () -> start(dir)).getMessage();
        assertTrue(message.contains("GRIDNODE_TRACE_KEY") && !message.contains("0x1"), message);
        environment.put("GRIDNODE_TRACE_KEY", "01");
        environment.put("GRIDNODE_TRACES_PER_WINDOW", "many");
        message = assertThrows(IllegalArgumentException.class, () -> start(dir)).getMessage();
        assertTrue(message.contains("GRIDNODE_TRACES_PER_WINDOW") && message.contains("many"), message);
    }

    @Test
    void aSuppressedFailureCostsNextToNothing() {
        Traces traces = start(dir);
        String error = new String("Non HTTP response message: Read timed out".getBytes(UTF_8), UTF_8);
        long bestNs = Long.MAX_VALUE;
        for (int round = 0; round < 20; round++) {
            long beginNs = System.nanoTime();
            for (int i = 0; i < 10_000; i++) {
                traces.failed("GET /cart", "500", error, END_MS);
            }
            bestNs = Math.min(bestNs, (System.nanoTime() - beginNs) / 10_000);
        }
        traces.end();
        assertTrue(bestNs < 5_000, bestNs + " ns");
    }
}
