package io.gridnode.gatling;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gatling.commons.stats.KO$;
import io.gatling.commons.stats.OK$;
import io.gatling.core.session.Session;
import io.gatling.core.session.Session$;
import io.gatling.http.client.Request;
import io.gatling.http.client.RequestBuilder;
import io.gatling.http.client.body.RequestBodyBuilder;
import io.gatling.http.client.body.file.FileRequestBodyBuilder;
import io.gatling.http.client.body.is.InputStreamRequestBodyBuilder;
import io.gatling.http.client.body.string.StringRequestBodyBuilder;
import io.gatling.http.client.uri.Uri;
import io.gatling.http.response.HttpFailure;
import io.gatling.http.response.HttpResult;
import io.gatling.http.response.Response;
import io.gatling.http.response.ResponseBody;
import io.gridnode.sump.Report;
import io.gridnode.sump.Settings;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import scala.Option;

/** Through the hooks, as Gatling calls them; traces are read from their files. */
class CaptureTest {
    private static final long NOW_MS = System.currentTimeMillis();
    private static final String FOUND = "status.find.is(200), but actually found 500";

    @TempDir
    Path dir;

    private final AtomicBoolean active = new AtomicBoolean(true);
    private final Map<String, String> properties = new HashMap<>();
    private Run run;

    @BeforeEach
    void begin() {
        properties.putAll(Map.of("gridnode.flood", "7", "gridnode.final_dir", dir.toString(), "gridnode.trace_key", "00010203"));
        start();
    }

    private void start() {
        run = new Run(
                Settings.read(properties::get, name -> null), MaxDuration.read(properties::get), new Report(dir.resolve("report")), text -> {
                    throw new IllegalStateException(text);
                });
        Hooks.install(run);
        Hooks.engineStart();
    }

    private List<String> traces() throws IOException {
        run.end();
        List<String> traces = new ArrayList<>();
        try (var files = Files.list(dir)) {
            for (Path file : (Iterable<Path>) files.filter(f -> f.toString().endsWith(".json")).sorted()::iterator) {
                traces.add(Files.readString(file));
            }
        }
        return traces;
    }

    private static Request request(RequestBodyBuilder body) {
        HttpHeaders headers = new DefaultHttpHeaders().add("Content-Type", "application/json").add("Cookie", "id=abc");
        Uri uri = Uri.create("http://127.0.0.1/a?b=1");
        return new RequestBuilder("n", HttpMethod.POST, uri, null).setHeaders(headers).setBodyBuilder(body).build();
    }

    private static HttpResult answer(Request request, int status, int length, ByteBuf body) {
        HttpHeaders headers = new DefaultHttpHeaders().add("Content-Type", "text/plain").add("X-Request-Id", "r1");
        return new Response(
                request, NOW_MS - 12, NOW_MS, HttpResponseStatus.valueOf(status), headers,
                ResponseBody.apply(length, scala.collection.immutable.List$.MODULE$.<ByteBuf>empty().$colon$colon(body), UTF_8),
                scala.collection.immutable.Map$.MODULE$.empty(), false);
    }

    /** As Gatling does it: what has the answer, then what logs it. */
    private void logged(boolean ok, HttpResult result, String name, String code, String message) {
        Session session = Session$.MODULE$.apply("users", 3L, null);
        Hooks.httpResult(session, ok ? OK$.MODULE$ : KO$.MODULE$, result, Option.apply(message));
        log(ok, name, code, message);
    }

    private void log(boolean ok, String name, String code, String message) {
        Hooks.response(
                active, Lists.of("checkout"), name, NOW_MS - 12, NOW_MS, ok ? OK$.MODULE$ : KO$.MODULE$, Option.apply(code),
                Option.apply(message));
    }

    private static void has(String trace, String... parts) {
        for (String part : parts) {
            assertTrue(trace.contains(part), part + " in " + trace);
        }
    }

    @Test
    void aFailedResponseHasAllOfItsExchangeCopied() throws IOException {
        ByteBuf body = Unpooled.buffer().writeBytes("the answer is".getBytes(UTF_8));
        logged(false, answer(request(new StringRequestBodyBuilder("{\"a\":1}")), 500, 5_000_000, body), "pay", "500", FOUND);
        // Gatling uses it again.
        body.setZero(0, 13);
        List<String> traces = traces();
        assertEquals(1, traces.size());
        has(traces.get(0), "\"label\":\"checkout / pay\",\"label_id\":\"", "\",\"time_ns\":" + (NOW_MS - 12) + "000000,\"rt_ms\":12",
                "\"code\":\"500\",\"error\":\"" + FOUND + "\",\"thread\":\"users 3\",\"why\":\"failed\"",
                "\"request\":{\"method\":\"POST\",\"url\":\"http://127.0.0.1/a?b=1\",\"headers\":[[\"Content-Type\",\"application/json\"],",
                "[\"Cookie\",\"id=‹redacted:", "\"body\":\"{\\\"a\\\":1}\",\"body_bytes\":7}",
                "\"response\":{\"status\":500,\"message\":\"Internal Server Error\",\"headers\":[[\"Content-Type\",\"text/plain\"],"
                        + "[\"X-Request-Id\",\"r1\"]],\"body\":\"the answer \",\"body_bytes\":5000000}",
                "\"assertions\":[{\"name\":\"check\",\"message\":\"" + FOUND + "\"}]", "\"correlation\":{\"x-request-id\":\"r1\"}");
    }

    @Test
    void whereNothingWasAnsweredThereIsNoResponse() throws IOException {
        logged(false, new HttpFailure(request(null), NOW_MS - 12, NOW_MS, "timed out"), "pay", null, "timed out");
        String trace = traces().get(0);
        has(trace, "\"code\":\"none\",\"error\":\"timed out\"", "\"method\":\"POST\"");
        assertFalse(trace.contains("\"response\"") || trace.contains("\"assertions\""), trace);
    }

    @Test
    void aFileIsReadAsFarAsItIsShownAndAStreamIsNot() throws IOException {
        Path file = Files.writeString(dir.resolve("body"), "x".repeat(200_000));
        logged(false, new HttpFailure(request(new FileRequestBodyBuilder(file.toFile())), NOW_MS - 12, NOW_MS, "a"), "file", null, "a");
        ByteArrayInputStream stream = new ByteArrayInputStream(new byte[10]);
        logged(false, new HttpFailure(request(new InputStreamRequestBodyBuilder(stream)), NOW_MS - 12, NOW_MS, "a"), "stream", null, "a");
        List<String> traces = traces();
        has(traces.get(0), "\"body\":\"" + "x".repeat((64 << 10) - 4_096) + "\",\"body_bytes\":200000}");
        assertFalse(traces.get(1).contains("\"body\""), traces.get(1));
        assertEquals(10, stream.available());
    }

    @Test
    void whatIsNoHttpHasALabelAndAnError() throws IOException {
        logged(false, new HttpFailure(request(null), NOW_MS - 12, NOW_MS, "a"), "http", null, "a");
        log(false, "socket", null, "no message came");
        String trace = traces().get(1);
        has(trace, "\"label\":\"checkout / socket\"", "\"error\":\"no message came\",\"why\":\"failed\"");
        assertFalse(trace.contains("\"request\"") || trace.contains("\"thread\""), trace);
    }

    @Test
    void whatPassedHasNoneAndNoPartOfItIsKept() throws IOException {
        logged(true, answer(request(null), 200, 2, Unpooled.buffer().writeBytes(new byte[2])), "pay", "200", null);
        ByteBuf part = Unpooled.buffer().writeBytes(new byte[100]);
        assertFalse(Hooks.keepsBody(false, HttpResponseStatus.OK, 100, part));
        assertTrue(Hooks.keepsBody(true, HttpResponseStatus.OK, 1 << 20, part));
        assertTrue(Hooks.keepsBody(false, HttpResponseStatus.BAD_REQUEST, (64 << 10) + 99, part));
        assertFalse(Hooks.keepsBody(false, HttpResponseStatus.BAD_REQUEST, (64 << 10) + 100, part));
        assertEquals(List.of(), traces());
    }

    @Test
    void aSlowOneThatPassedHasOneWhereItIsAskedFor() throws IOException {
        run.end();
        properties.put("gridnode.trace_slower_ms", "11");
        start();
        ByteBuf part = Unpooled.buffer().writeBytes("ok".getBytes(UTF_8));
        assertTrue(Hooks.keepsBody(false, HttpResponseStatus.OK, 2, part));
        logged(true, answer(request(null), 200, 2, part), "pay", "200", null);
        has(traces().get(0), "\"why\":\"slow\"", "\"body\":\"ok\"");
    }

    @Test
    void oneThatCannotBeReadIsLost() throws IOException {
        logged(false, new HttpFailure(null, NOW_MS - 12, NOW_MS, "a"), "pay", null, "a");
        has(traces().get(0), "{\"suppressed\":[],\"others\":0,\"unwritten\":1,\"unwritten_failed\":1}");
    }

    @Test
    void withoutAKeyThereAreNone() throws IOException {
        run.end();
        properties.remove("gridnode.trace_key");
        start();
        ByteBuf part = Unpooled.buffer().writeBytes(new byte[2]);
        assertFalse(Hooks.keepsBody(false, HttpResponseStatus.BAD_REQUEST, 2, part));
        logged(false, answer(request(null), 500, 2, part), "pay", "500", FOUND);
        assertEquals(List.of(), traces());
    }
}
