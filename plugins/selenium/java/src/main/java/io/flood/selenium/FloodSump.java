package io.flood.selenium;

import io.gridnode.sump.Sample;
import io.gridnode.sump.Source;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.zip.GZIPOutputStream;
import org.openqa.selenium.JavascriptExecutor;
import org.openqa.selenium.WebDriver;
import org.openqa.selenium.WebDriverException;

/**
 * What a Java plan reports its transactions to, with the published names, so that published plans run unchanged.
 *
 * <p>A transaction's response time is the one that the plan gives, otherwise that of the page which the browser shows (from the
 * start of the navigation to the end of its load event). Where the page has not finished, or is older than
 * {@link #start_transaction}, it is the time since that call, without one since the navigation began; never less than 0.
 *
 * <p>The code is the one that the plan gives, otherwise the status of the page that is measured; without one there is no code. A
 * transaction at whose end the browser shows no page, but why it could not be loaded, has failed, whatever the plan says of it.
 *
 * <p>Every sample leaves at once: a JVM that is killed has lost none. The last word is said when the JVM ends.
 *
 * <p>A plan must not break because of its observer, so methods do not throw, but for one reason: of a browser that has quit or died
 * nothing can be reported. Then they throw what the browser itself would, a {@link WebDriverException}, as the published helper
 * does, and plans rely on it to come to their end. Each is for one thread at a time, objects are independent of each other.
 */
public class FloodSump {
    private static final long USER_TIMING_WAIT_MS = 30_000;
    private static final long USER_TIMING_POLL_MS = 250;

    private final Source source;
    private final Capture capture;
    private String transactionName;
    private long sinceNs = System.nanoTime();

    public FloodSump() {
        this(ThisJvm.source(), ThisJvm.capture());
    }

    /** Published with the size of a window, which it has never used. */
    public FloodSump(int initWidth, int initHeight) {
        this();
    }

    /** @param source null: nothing is sent */
    FloodSump(Source source, Capture capture) {
        this.source = source;
        this.capture = capture;
    }

    /** The test begins. */
    public void started() {
        sinceNs = System.nanoTime();
        if (source != null) {
            source.hello();
        }
    }

    /** The test ends. Samples may follow all the same: the account closes when the JVM ends. */
    public void finished() {
        // Every sample has left already.
    }

    /** Every sample leaves at once. */
    public void flushSamples() {
        // Nothing waits.
    }

    /** The name of a {@link #webdriver_exception} that may come, and the moment from which a page without timing counts. */
    public void start_transaction(String transactionName) {
        this.transactionName = transactionName;
        sinceNs = System.nanoTime();
    }

    String getTransactionName() {
        return transactionName;
    }

    public void passed_transaction(WebDriver driver, String label, Integer responseCode, Double responseTime) {
        report(elapsedMs(), driver, label, true, responseCode, responseTime, null);
    }

    public void passed_transaction(WebDriver driver, String label, Integer responseCode) {
        report(elapsedMs(), driver, label, true, responseCode, null, null);
    }

    public void passed_transaction(WebDriver driver, String label) {
        report(elapsedMs(), driver, label, true, null, null, null);
    }

    public void passed_transaction(WebDriver driver) {
        report(elapsedMs(), driver, title(driver), true, null, null, null);
    }

    public void failed_transaction(WebDriver driver, String label, Integer responseCode, Double responseTime) {
        report(elapsedMs(), driver, label, false, responseCode, responseTime, null);
    }

    public void failed_transaction(WebDriver driver, String label, Integer responseCode) {
        report(elapsedMs(), driver, label, false, responseCode, null, null);
    }

    public void failed_transaction(WebDriver driver, String label) {
        report(elapsedMs(), driver, label, false, null, null, null);
    }

    public void failed_transaction(WebDriver driver, Integer responseCode) {
        report(elapsedMs(), driver, title(driver), false, responseCode, null, null);
    }

    public void failed_transaction(WebDriver driver) {
        report(elapsedMs(), driver, title(driver), false, null, null, null);
    }

    /** The transaction that was started has failed with an exception of the browser. */
    public void webdriver_exception(WebDriver driver, WebDriverException exception) {
        report(elapsedMs(), driver, transactionName == null ? title(driver) : transactionName, false, 0, null, exception);
    }

    /** A mark of the User Timing API as a transaction: its time since the navigation began. */
    public void get_mark(WebDriver driver, String mark) {
        userTiming(driver, "mark", mark, "startTime");
    }

    /** A measure of the User Timing API as a transaction: its duration. */
    public void get_measure(WebDriver driver, String measure) {
        userTiming(driver, "measure", measure, "duration");
    }

    public void transaction(WebDriver driver, String label, String successful, Integer responseCode, Double responseTime) {
        report(elapsedMs(), driver, label, !"false".equals(successful), responseCode, responseTime, null);
    }

    public void transaction(
            WebDriver driver,
            String label,
            String successful,
            Integer responseCode,
            Double responseTime,
            WebDriverException exception) {
        report(elapsedMs(), driver, label, !"false".equals(successful), responseCode, responseTime, exception);
    }

    /** Browsers of this user: the node counts all of them itself. */
    public String numberOfBrowsers() {
        return "1";
    }

    public String getValueOrDefault(String value, String defaultValue) {
        return value == null || value.isEmpty() ? defaultValue : value;
    }

    /** The text, gzipped, in base64 and quotation marks. */
    public static String compressString(String text) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
            gzip.write(text.getBytes(StandardCharsets.UTF_8));
        }
        return '"' + Base64.getEncoder().encodeToString(bytes.toByteArray()) + '"';
    }

    /** Waits until the page has an entry of this type ({@code mark}, {@code measure}) and name, for 30 s at most. */
    protected void waitForUserTiming(WebDriver driver, String type, String name) {
        Dialogs.checkIsThere(driver);
        userTimingMs(driver, type, name, "startTime");
    }

    private void userTiming(WebDriver driver, String type, String name, String field) {
        Dialogs.checkIsThere(driver);
        Double ms = userTimingMs(driver, type, name, field);
        if (ms == null) {
            Sample sample = sample(name, false, elapsedMs());
            sample.error = "the page has no " + type + " of this name in the User Timing API";
            send(driver, sample, PageTiming.UNKNOWN);
        } else {
            report(elapsedMs(), driver, name, true, null, ms, null);
        }
    }

    /** Null when there is none in time. */
    private static Double userTimingMs(WebDriver driver, String type, String name, String field) {
        if (!(driver instanceof JavascriptExecutor)) {
            return null;
        }
        long end = System.nanoTime() + USER_TIMING_WAIT_MS * 1_000_000;
        try {
            while (true) {
                if (Dialogs.isOpen(driver)) {
                    return null;
                }
                Double ms = PageTiming.sane(((JavascriptExecutor) driver).executeScript(
                        "var e = window.performance.getEntriesByName(arguments[0], arguments[1])[0];"
                                + " return e ? e[arguments[2]] : null;", name, type, field));
                if (ms != null || System.nanoTime() - end >= 0) {
                    return ms;
                }
                Thread.sleep(USER_TIMING_POLL_MS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return null;
        } catch (WebDriverException e) {
            return null;
        }
    }

    /** @param elapsedMs until the plan called. The first argument, since whatever asks the browser takes time itself */
    private void report(
            double elapsedMs,
            WebDriver driver,
            String label,
            boolean passed,
            Integer responseCode,
            Double responseTime,
            WebDriverException exception) {
        Dialogs.checkIsThere(driver);
        // Null when the plan has not said when its transaction began.
        Double sinceStart = transactionName == null ? null : elapsedMs;
        PageTiming page = pageOfThisTransaction(driver);
        Double responseMs = firstKnown(PageTiming.sane(responseTime), page.loadMs, sinceStart, page.soFarMs);
        boolean ok = passed && page.unloaded == null;
        Sample sample = sample(label, ok, responseMs == null ? elapsedMs : responseMs);
        Integer code = responseCode != null ? responseCode : page.status;
        // 0 is what published plans give when there was no answer, and where no page is there was none either.
        sample.code = code == null || code <= 0 || page.unloaded != null ? null : code.toString();
        if (page.firstByteMs != null) {
            sample.setLatencyUs(us(page.firstByteMs));
        }
        if (page.connectMs != null) {
            sample.setConnectUs(us(page.connectMs));
        }
        if (exception != null) {
            sample.error = exception.getClass().getSimpleName() + ": " + Screenshots.firstLine(exception.getMessage());
        } else if (page.unloaded != null) {
            sample.error = page.unloaded;
        } else if (!passed) {
            sample.error = "the plan reported a failure on the page \"" + title(driver) + "\"";
        }
        send(driver, sample, page);
    }

    /** A page that is older than the transaction says nothing of it: a click, say, that loaded no page. */
    private PageTiming pageOfThisTransaction(WebDriver driver) {
        PageTiming page = PageTiming.of(driver);
        if (page.unloaded != null) {
            return page;
        }
        boolean older = transactionName != null && page.soFarMs != null && page.soFarMs > elapsedMs();
        return older ? PageTiming.UNKNOWN : page;
    }

    private static Sample sample(String label, boolean passed, double responseMs) {
        Sample sample = new Sample();
        sample.label = label == null ? "unnamed" : label;
        sample.ok = passed;
        sample.setRtUs(us(responseMs));
        return sample;
    }

    private static long us(double ms) {
        return Math.round(ms * 1_000);
    }

    private void send(WebDriver driver, Sample sample, PageTiming page) {
        sample.endMs = System.currentTimeMillis();
        if (source != null) {
            source.send(sample);
        }
        capture.sent(driver, sample, page, sample.endMs - (long) elapsedMs());
        transactionName = null;
        sinceNs = System.nanoTime();
    }

    private double elapsedMs() {
        return (System.nanoTime() - sinceNs) / 1e6;
    }

    private static Double firstKnown(Double... values) {
        for (Double value : values) {
            if (value != null) {
                return value;
            }
        }
        return null;
    }

    private String title(WebDriver driver) {
        try {
            if (driver != null && !Dialogs.isOpen(driver)) {
                String title = driver.getTitle();
                return title == null || title.isEmpty() ? "unnamed" : title;
            }
        } catch (WebDriverException e) {
            // Named as what follows.
        }
        return transactionName == null ? "unnamed" : transactionName;
    }
}
