package io.flood.selenium;

import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
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
     * whose document is not the page.
     */
    private static final String QUESTION = "if (window !== window.top) return null;"
            + " var t = window.performance.timing, n = window.performance.getEntriesByType"
            + " ? window.performance.getEntriesByType('navigation')[0] : null, s = t.navigationStart;"
            + " function since(v) { return v > 0 && s > 0 ? v - s : null; }"
            + " return {load: since(t.loadEventEnd), first: since(t.responseStart), sofar: window.performance.now(),"
            + " connect: t.connectEnd > 0 ? t.connectEnd - t.connectStart : null,"
            + " status: n && n.responseStatus ? n.responseStatus : null,"
            + " error: location.protocol !== 'chrome-error:' ? null"
            + " : String((window.loadTimeDataRaw || {}).errorCode || 'ERR_FAILED')};";
    /** What Chromium's own page says in place of an answer without a body: a page with a status, not a failed load. */
    private static final Pattern HTTP_ERROR = Pattern.compile("HTTP ERROR (\\d{3})");
    private static final int ERROR_CHARS_MAX = 100;

    static final PageTiming UNKNOWN = new PageTiming(null, null, null, null, null, null);
    private static final PageTiming CRASHED = new PageTiming(null, null, null, null, null, "tab crashed");

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
    /** Why there is no page: the net error of the document that Chromium shows instead, or that its process died. */
    final String failure;

    private PageTiming(
            Double loadMs, Double firstByteMs, Double soFarMs, Double connectMs, Integer status, String failure) {
        this.loadMs = loadMs;
        this.firstByteMs = firstByteMs;
        this.soFarMs = soFarMs;
        this.connectMs = connectMs;
        this.status = status;
        this.failure = failure;
    }

    /** Never throws: a browser that is gone, or shows a dialog, has no timing. */
    static PageTiming of(WebDriver driver) {
        if (!(driver instanceof JavascriptExecutor) || Dialogs.isOpen(driver)) {
            return UNKNOWN;
        }
        try {
            return from(((JavascriptExecutor) driver).executeScript(QUESTION));
        } catch (WebDriverException e) {
            return String.valueOf(e.getMessage()).contains(CRASHED.failure) ? CRASHED : UNKNOWN;
        }
    }

    static PageTiming from(Object answer) {
        if (!(answer instanceof Map)) {
            return UNKNOWN;
        }
        Map<?, ?> values = (Map<?, ?>) answer;
        Double connect = sane(values.get("connect"));
        Double status = sane(values.get("status"));
        String failure = values.get("error") instanceof String ? (String) values.get("error") : null;
        Matcher http = HTTP_ERROR.matcher(failure == null ? "" : failure);
        if (http.matches()) {
            status = Double.valueOf(http.group(1));
            failure = null;
        }
        return new PageTiming(
                sane(values.get("load")),
                sane(values.get("first")),
                sane(values.get("sofar")),
                // A reused connection has 0.
                connect == null || connect == 0 ? null : connect,
                status == null || status < 100 || status > 599 ? null : Integer.valueOf(status.intValue()),
                failure == null ? null : "net::" + failure.substring(0, Math.min(failure.length(), ERROR_CHARS_MAX)));
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
