package io.flood.selenium;

import java.util.Map;
import org.openqa.selenium.JavascriptExecutor;
import org.openqa.selenium.WebDriver;
import org.openqa.selenium.WebDriverException;

/**
 * How long the page took that the browser shows: one question to the browser, every answer checked.
 *
 * <p>A page that is still loading has an end of 0, which makes "end minus start" a huge negative number: here it is unknown.
 */
final class PageTiming {
    /** Longer than the longest response time that counts: a fault of a clock. */
    static final double MS_MAX = 24 * 3_600 * 1_000.0;

    /**
     * All of them in ms since the navigation began, but the status; an absent or impossible one is null. None within a frame,
     * whose document is not the page. In place of a page that cannot be reached Chromium shows a document of its own, which
     * names the error and has no status; for an answer without a body it shows one that has.
     */
    private static final String QUESTION = "if (window !== window.top) return null;"
            + " var t = window.performance.timing, n = window.performance.getEntriesByType"
            + " ? window.performance.getEntriesByType('navigation')[0] : null, s = t.navigationStart;"
            + " var code = n && n.responseStatus ? n.responseStatus : null;"
            + " if (location.protocol === 'chrome-error:' && !code) {"
            + " var e = document.querySelector('.error-code, #error-code'), raw = window.loadTimeDataRaw;"
            + " return {unloaded: String(raw && raw.errorCode || e && e.textContent || '').trim().slice(0, 100)};"
            + " }"
            + " function since(v) { return v > 0 && s > 0 ? v - s : null; }"
            + " return {load: since(t.loadEventEnd), first: since(t.responseStart), sofar: window.performance.now(),"
            + " connect: t.connectEnd > 0 ? t.connectEnd - t.connectStart : null,"
            // What is no answer of a server has none, whatever the browser says of it.
            + " status: /^(https?|chrome-error):$/.test(location.protocol) ? code : null};";

    static final PageTiming UNKNOWN = new PageTiming(null, null, null, null, null, null);
    /** The driver's words for a page whose process has died. */
    private static final String CRASHED = "tab crashed";

    /** From the navigation's start to the end of the load event. */
    final Double loadMs;
    /** To the first byte of the answer. */
    final Double firstByteMs;
    /** To now. */
    final Double soFarMs;
    /** For the connection, where one was made. */
    final Double connectMs;
    /** HTTP status of the page. */
    final Integer status;
    /** Why no page is shown where one was to be, or null. */
    final String unloaded;

    private PageTiming(
            Double loadMs, Double firstByteMs, Double soFarMs, Double connectMs, Integer status, String unloaded) {
        this.loadMs = loadMs;
        this.firstByteMs = firstByteMs;
        this.soFarMs = soFarMs;
        this.connectMs = connectMs;
        this.status = status;
        this.unloaded = unloaded;
    }

    /** Never throws: a browser that is gone, or shows a dialog, has no timing. */
    static PageTiming of(WebDriver driver) {
        if (!(driver instanceof JavascriptExecutor) || Dialogs.isOpen(driver)) {
            return UNKNOWN;
        }
        try {
            return from(((JavascriptExecutor) driver).executeScript(QUESTION));
        } catch (WebDriverException e) {
            String words = Screenshots.firstLine(e.getMessage());
            return words.contains(CRASHED) ? unloaded("the page crashed: " + words) : UNKNOWN;
        }
    }

    private static PageTiming unloaded(String why) {
        return new PageTiming(null, null, null, null, null, why);
    }

    private static String netError(String code) {
        return code.startsWith("net::") ? code : "net::" + (code.isEmpty() ? "ERR_FAILED" : code);
    }

    static PageTiming from(Object answer) {
        if (!(answer instanceof Map)) {
            return UNKNOWN;
        }
        Map<?, ?> values = (Map<?, ?>) answer;
        if (values.get("unloaded") instanceof String) {
            return unloaded("the page did not load: " + netError((String) values.get("unloaded")));
        }
        Double connect = sane(values.get("connect"));
        Double status = sane(values.get("status"));
        return new PageTiming(
                sane(values.get("load")),
                sane(values.get("first")),
                sane(values.get("sofar")),
                // A reused connection has 0.
                connect == null || connect == 0 ? null : connect,
                status == null || status < 100 || status > 599 ? null : Integer.valueOf(status.intValue()),
                null);
    }

    /** A number of ms that can be true, or null. */
    static Double sane(Object value) {
        if (!(value instanceof Number)) {
            return null;
        }
        double number = ((Number) value).doubleValue();
        return number >= 0 && number <= MS_MAX ? number : null;
    }
}
