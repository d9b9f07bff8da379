package io.flood.selenium;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gridnode.sump.Source;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.logging.Level;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openqa.selenium.NoSuchElementException;
import org.openqa.selenium.logging.LogEntry;

class CaptureTest {
    @TempDir
    Path dir;

    private final Browser browser = new Browser();
    private final Map<String, String> environment = new HashMap<>();

    @BeforeEach
    void open() {
        environment.putAll(Map.of("GRIDNODE_TRACE_DIR", dir.toString(), "GRIDNODE_TRACE_KEY", "0011", "GRIDNODE_TRACES_PER_LABEL", "3"));
    }

    /** What is there when the plan has come to its end. */
    private List<String> traces(Consumer<FloodSump> plan) throws IOException {
        Source source = ThisJvm.open(environment::get);
        Capture capture = ThisJvm.capture(environment::get, source);
        plan.accept(new FloodSump(source, capture));
        capture.end();
        source.end();
        try (Stream<Path> files = Files.list(dir)) {
            return files.filter(file -> file.toString().endsWith(".json")).sorted().map(CaptureTest::read).collect(Collectors.toList());
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void aFailureIsShownWithoutItsSecrets() throws IOException {
        long now = System.currentTimeMillis();
        browser.source = "<html><script>document.cookie = \"theme=canary\"</script></html>";
        browser.answer = Map.of("load", 250L, "first", 20L, "sofar", 0.0, "status", 404L);
        browser.console = List.of(
                new LogEntry(Level.SEVERE, now - 60_000, "of another transaction"),
                new LogEntry(Level.INFO, now + 60_000, "chatter"),
                new LogEntry(Level.SEVERE, now + 60_000, "Uncaught token=canary"));
        List<String> traces = traces(flood -> {
            flood.start_transaction("pay");
            flood.passed_transaction(browser.driver(), "fine");
            flood.start_transaction("pay");
            flood.webdriver_exception(browser.driver(), new NoSuchElementException("no such element"));
        });
        assertEquals(1, traces.size());
        String trace = traces.get(0);
        assertTrue(trace.contains("\"label\":\"pay\"") && trace.contains("\"url\":\"http://shop/pay?password=‹redacted:"), trace);
        assertTrue(trace.contains("\"status\":404") && trace.contains("document.cookie = \\\"‹redacted:"), trace);
        assertTrue(trace.contains("\"console\":[{\"level\":\"SEVERE\",\"text\":\"Uncaught token=‹redacted:"), trace);
        assertTrue(trace.endsWith(",\"screenshot_png_base64\":\"AQID\"}"), trace);
        assertFalse(trace.contains("canary") || trace.contains("another") || trace.contains("chatter"), trace);
    }

    @Test
    void aStormIsAFewAndACount() throws IOException {
        List<String> traces = traces(flood -> {
            for (int i = 0; i < 50; i++) {
                flood.failed_transaction(browser.driver(), "storm");
            }
        });
        int written = traces.size() - 1;
        // The border of two windows may be among them.
        assertTrue(written == 3 || written == 6, traces.toString());
        assertEquals(written, browser.pictures);
        assertTrue(traces.get(written).contains("\"count\":" + (50 - written)), traces.get(written));
    }

    @Test
    void aBrowserThatHangsIsAskedOnce() throws IOException {
        browser.hangs = true;
        List<String> traces = traces(flood -> flood.failed_transaction(browser.driver(), "pay"));
        assertEquals(0, browser.pictures);
        assertTrue(traces.get(0).contains("\"url\":") && !traces.get(0).contains("\"body\""), traces.get(0));
    }

    @Test
    void aDialogIsLeftToThePlanAndNoBrowserIsNone() throws IOException {
        browser.dialog = true;
        List<String> traces = traces(flood -> {
            flood.failed_transaction(browser.driver(), "dialog");
            flood.failed_transaction(null, "none");
        });
        assertTrue(browser.dialog, "it is still open");
        // The border of two windows may be between them, and is counted.
        assertTrue(traces.size() == 2 || traces.size() == 3, traces.toString());
        assertFalse(traces.toString().contains("\"request\""), traces.toString());
    }

    @Test
    void aSlowSuccessIsShownWhereItIsWanted() throws IOException {
        environment.put("GRIDNODE_TRACE_SLOWER_MS", "100");
        List<String> traces = traces(flood -> {
            flood.passed_transaction(browser.driver(), "slow", 200, 101.0);
            flood.passed_transaction(browser.driver(), "fast", 200, 50.0);
        });
        assertEquals(1, traces.size());
        assertTrue(traces.get(0).contains("\"why\":\"slow\"") && !traces.get(0).contains("screenshot"), traces.get(0));
    }
}
