package io.gridnode.jmeter;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPOutputStream;
import org.apache.jmeter.protocol.http.control.CookieManager;
import org.apache.jmeter.protocol.http.sampler.HTTPSamplerProxy;
import org.apache.jmeter.samplers.SampleResult;
import org.apache.jmeter.util.JMeterUtils;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Traces of JMeter's own HTTP sampler against a target that knows what it was sent. */
class SentTest {
    private static final String STOCK = "{\"error\": \"out of stock\", \"sku\": 17, \"detail\": \"the important end\"}";
    private static final String PAGE = "<html><body><img src='/img.png'><img src='/missing.png'><iframe src='/frame'></body></html>";
    private static final String KEPT = "httpsampler.max_bytes_to_store_per_request";
    private static final int KEPT_BYTES_MAX = 5_003;
    private static final String LONG = "word and ".repeat(1_000);

    @TempDir
    Path dir;

    private final List<String> log = Collections.synchronizedList(new ArrayList<>());
    private HttpServer target;

    /** JMeter reads it once, with its first HTTP sampler. */
    @BeforeAll
    static void keepsNoMore() throws IOException {
        Path properties = Files.createTempFile("jmeter", ".properties");
        Files.writeString(properties, KEPT + "=" + KEPT_BYTES_MAX + "\n"
                + "HTTPResponse.parsers=htmlParser\nhtmlParser.types=text/html\n"
                + "htmlParser.className=org.apache.jmeter.protocol.http.parser.LagartoBasedHtmlParser\n");
        JMeterUtils.loadJMeterProperties(properties.toString());
        Files.delete(properties);
    }

    @AfterAll
    static void keepsAll() {
        JMeterUtils.getJMeterProperties().remove(KEPT);
    }

    @BeforeEach
    void open() throws IOException {
        target = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        target.createContext("/", this::answer);
        target.start();
    }

    @AfterEach
    void close() {
        target.stop(0);
    }

    private void answer(HttpExchange sent) throws IOException {
        String path = sent.getRequestURI().toString();
        String body = new String(sent.getRequestBody().readAllBytes(), UTF_8);
        log.add(sent.getRequestMethod() + " " + path + " " + body);
        switch (sent.getRequestURI().getPath()) {
            case "/redir":
                sent.getResponseHeaders().add("Set-Cookie", "sid=first; Path=/");
                redirect(sent, "/redir2");
                break;
            case "/redir2":
                redirect(sent, "/final");
                break;
            case "/loop":
                redirect(sent, "/loop?n=1");
                break;
            case "/to-page":
                redirect(sent, "/page");
                break;
            case "/nowhere":
                redirect(sent, "http://127.0.0.1:" + closedPort() + "/dead");
                break;
            case "/page":
                sent.getResponseHeaders().add("Content-Type", "text/html");
                say(sent, 200, PAGE.getBytes(UTF_8));
                break;
            case "/frame":
                sent.getResponseHeaders().add("Content-Type", "text/html");
                say(sent, 200, "<html><body><img src='/inner.png'></body></html>".getBytes(UTF_8));
                break;
            case "/img.png":
            case "/inner.png":
                say(sent, 200, "png".getBytes(UTF_8));
                break;
            case "/missing.png":
                say(sent, 404, "nothing here".getBytes(UTF_8));
                break;
            default:
                packed(sent, sent.getRequestURI().getPath());
        }
    }

    private static void packed(HttpExchange sent, String path) throws IOException {
        sent.getResponseHeaders().add("Content-Type", "application/json");
        byte[] body = (path.contains("long") ? LONG : path.contains("short") ? "{}" : STOCK).getBytes(UTF_8);
        boolean gzip = path.startsWith("/gzip");
        if (gzip || path.startsWith("/deflate")) {
            sent.getResponseHeaders().add("Content-Encoding", gzip ? "gzip" : "deflate");
            ByteArrayOutputStream packed = new ByteArrayOutputStream();
            try (OutputStream out = gzip ? new GZIPOutputStream(packed) : new DeflaterOutputStream(packed)) {
                out.write(body);
            }
            body = packed.toByteArray();
        }
        // Of an unknown length it comes in chunks.
        sent.sendResponseHeaders(500, path.startsWith("/chunked") ? 0 : body.length);
        sent.getResponseBody().write(body);
        sent.close();
    }

    private static void redirect(HttpExchange sent, String to) throws IOException {
        sent.getResponseHeaders().add("Location", to);
        say(sent, 302, "moved".getBytes(UTF_8));
    }

    private static void say(HttpExchange sent, int status, byte[] body) throws IOException {
        sent.sendResponseHeaders(status, body.length);
        sent.getResponseBody().write(body);
        sent.close();
    }

    private static int closedPort() throws IOException {
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return free.getLocalPort();
        }
    }

    private HTTPSamplerProxy sampler(String method, String path) {
        return sampler("HttpClient4", method, path);
    }

    private HTTPSamplerProxy sampler(String client, String method, String path) {
        HTTPSamplerProxy sampler = new HTTPSamplerProxy(client);
        sampler.setName("buy");
        sampler.setProtocol("http");
        sampler.setDomain("127.0.0.1");
        sampler.setPort(target.getAddress().getPort());
        sampler.setMethod(method);
        sampler.setPath(path);
        sampler.setFollowRedirects(true);
        sampler.setUseKeepAlive(true);
        CookieManager cookies = new CookieManager();
        cookies.testStarted();
        sampler.setCookieManager(cookies);
        return sampler;
    }

    private JsonNode traceOf(HTTPSamplerProxy sampler) throws IOException {
        SampleResult result = sampler.sample();
        List<String> traces = CaptureTest.traces(Files.createTempDirectory(dir, "run"), result);
        assertEquals(1, traces.size(), traces::toString);
        return new ObjectMapper().readTree(traces.get(0));
    }

    /** Each as the target has them in its log; the trace's own one is the last. */
    private static List<String> requests(JsonNode trace) {
        List<String> requests = new ArrayList<>();
        trace.path("steps").forEach(step -> requests.add(request(step)));
        requests.add(request(trace));
        return requests;
    }

    private static String request(JsonNode exchange) {
        JsonNode request = exchange.get("request");
        String path = request.get("url").asText().replaceFirst("http://127.0.0.1:\\d+", "");
        return request.get("method").asText() + " " + path + " " + request.path("body").asText();
    }

    private static boolean hasCookie(JsonNode exchange) {
        return exchange.get("request").get("headers").toString().contains("[\"Cookie\",");
    }

    @Test
    void theEndOfRedirectsIsThereOnceAsItWasSent() throws IOException {
        JsonNode trace = traceOf(sampler("GET", "/redir"));
        assertEquals(List.of("GET /redir ", "GET /redir2 ", "GET /final "), log);
        assertEquals(log, requests(trace));
        assertFalse(hasCookie(trace.get("steps").get(0)));
        assertTrue(hasCookie(trace), trace::toString);
        assertEquals(List.of("buy", "500"), List.of(trace.get("label").asText(), trace.get("code").asText()));
        assertEquals(STOCK, trace.get("response").get("body").asText());
    }

    @Test
    void whatWasPostedBeforeARedirectIsAStep() throws IOException {
        HTTPSamplerProxy post = sampler("POST", "/redir");
        post.setPostBodyRaw(true);
        post.addNonEncodedArgument("", "{\"order\":1}", "");
        JsonNode trace = traceOf(post);
        assertEquals(List.of("POST /redir {\"order\":1}", "GET /redir2 ", "GET /final "), log);
        assertEquals(log, requests(trace));
    }

    @Test
    void aRedirectToNowhereEndsWithTheRequestThatHasNoAnswer() throws IOException {
        JsonNode trace = traceOf(sampler("GET", "/nowhere"));
        assertEquals(List.of("GET /nowhere ", "GET /dead "), requests(trace));
        assertEquals("", trace.get("response").path("status").asText());
        assertTrue(trace.get("code").asText().contains("ConnectException"), trace::toString);
    }

    @Test
    void ofALoopOfRedirectsTheRestIsCounted() throws IOException {
        JsonNode trace = traceOf(sampler("GET", "/loop"));
        assertEquals(21, log.size());
        assertEquals(log.size(), requests(trace).size() + trace.path("steps_omitted").asInt());
        assertEquals(List.of("GET /loop ", "GET /loop?n=1 "), requests(trace).subList(0, 2));
        assertEquals("302", trace.get("response").path("status").asText());
        assertTrue(trace.get("error").asText().contains("Exceeded maximum number of redirects"), trace::toString);
    }

    @Test
    void aPageIsThereOnceWithWhatItsServerSaid() throws IOException {
        for (String path : List.of("/page", "/to-page", "/page?at-once")) {
            log.clear();
            HTTPSamplerProxy page = sampler("GET", path);
            page.setImageParser(true);
            page.setConcurrentDwn(path.contains("at-once"));
            JsonNode trace = traceOf(page);
            List<String> found = requests(trace);
            assertTrue(found.get(found.size() - 1).startsWith("GET /page"), found::toString);
            Collections.sort(found);
            Collections.sort(log);
            assertEquals(log, found);
            JsonNode response = trace.get("response");
            assertEquals("200 OK", response.get("status").asText() + " " + response.get("message").asText());
            assertTrue(trace.get("error").asText().startsWith("Embedded resource download error:"), trace::toString);
        }
    }

    @Test
    void anotherOfJMetersClientsIsNoDifferent() throws IOException {
        for (String path : List.of("/redir", "/loop", "/page", "/nowhere", "/gzip", "/chunked-short")) {
            log.clear();
            HTTPSamplerProxy sampler = sampler("Java", "GET", path);
            sampler.setImageParser(true);
            JsonNode trace = traceOf(sampler);
            int notInLog = path.equals("/nowhere") ? 1 : 0;
            assertEquals(log.size() + notInLog, requests(trace).size() + trace.path("steps_omitted").asInt(), trace::toString);
            JsonNode response = trace.get("response");
            assertEquals(response.path("body_bytes").asInt(), response.path("body").asText().length(), path);
        }
    }

    @Test
    void anAnswerThatWasPackedIsShownWhole() throws IOException {
        for (String path : List.of("/gzip", "/deflate", "/chunked", "/gzip-short", "/deflate-short", "/chunked-short")) {
            String wanted = path.contains("short") ? "{}" : STOCK;
            JsonNode response = traceOf(sampler("GET", path)).get("response");
            assertEquals(wanted, response.get("body").asText(), path);
            assertEquals(wanted.length(), response.get("body_bytes").asInt(), path);
        }
    }

    @Test
    void whatJMeterHasNotKeptIsCounted() throws IOException {
        for (String path : List.of("/plain-long", "/chunked-long", "/gzip-long")) {
            JsonNode response = traceOf(sampler("GET", path)).get("response");
            // Its last word may be half of one.
            assertEquals(LONG.substring(0, KEPT_BYTES_MAX - 3), response.get("body").asText(), path);
            int bytes = response.get("body_bytes").asInt();
            assertTrue(path.contains("plain") ? bytes == LONG.length() : bytes > KEPT_BYTES_MAX, path + " " + bytes);
        }
    }
}
