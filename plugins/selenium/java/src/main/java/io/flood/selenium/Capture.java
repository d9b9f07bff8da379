package io.flood.selenium;

import io.gridnode.sump.Sample;
import io.gridnode.sump.trace.Body;
import io.gridnode.sump.trace.Trace;
import io.gridnode.sump.trace.Traces;
import java.util.function.Supplier;
import java.util.logging.Level;
import org.openqa.selenium.TimeoutException;
import org.openqa.selenium.WebDriver;
import org.openqa.selenium.logging.LogEntry;

/**
 * What of a failure is kept: its error trace, with the page's address, source, console and picture; the picture alone where no
 * traces are wanted. The browser is asked when everything has been measured. Never throws: it is a help, not a result.
 */
final class Capture {
    /** A name of ours: the gateway answers with what the console has said, and leaves it there for the program. */
    private static final String CONSOLE = "gridnode-browser";
    /** Two clocks that are one, read at different moments. */
    private static final long CLOCK_SLACK_MS = 5;
    private static final int LEVEL_MIN = Level.WARNING.intValue();

    private final Traces traces;
    private final Screenshots screenshots;
    private final String user;

    /** @param traces null: none are wanted */
    Capture(Traces traces, Screenshots screenshots) {
        String number = System.getenv("THREAD_ID");
        user = number == null || number.isEmpty() ? null : "user " + number;
        this.traces = traces;
        this.screenshots = screenshots;
    }

    /**
     * A sample that was sent.
     *
     * @param beganMs wall clock: older lines of the console are of something else
     */
    void sent(WebDriver driver, Sample sample, PageTiming page, long beganMs) {
        if (traces == null) {
            if (!sample.ok) {
                screenshots.take(driver, sample.label);
            }
            return;
        }
        if (sample.ok && !traces.isSlow(sample.rtMs)) {
            return;
        }
        Trace trace = sample.ok
                ? traces.slow(sample.label, sample.code, sample.endMs)
                : traces.failed(sample.label, sample.code, sample.error, sample.endMs);
        if (trace == null) {
            return;
        }
        trace.startMs = sample.endMs - sample.rtMs;
        trace.rtUs = sample.rtUs();
        trace.thread = user;
        if (driver != null && !Dialogs.isOpen(driver)) {
            new Asked(driver, trace).all(page, beganMs, sample.ok ? null : screenshots);
        }
        traces.write(trace);
    }

    /** Nothing more comes: for tests, a JVM has a hook for it. */
    void end() {
        if (traces != null) {
            traces.end();
        }
    }

    /** A browser that may be hanging: after one question without an answer it is not asked any more. */
    private static final class Asked {
        private final WebDriver driver;
        private final Trace trace;
        private boolean hangs;

        private Asked(WebDriver driver, Trace trace) {
            this.driver = driver;
            this.trace = trace;
        }

        private void all(PageTiming page, long beganMs, Screenshots screenshots) {
            trace.exchange.url = ask(driver::getCurrentUrl);
            if (page.unloaded != null) {
                trace.exchange.message = page.unloaded;
            } else if (trace.exchange.url != null) {
                trace.exchange.status = page.status == null ? 0 : page.status;
                // In place of a page that did not load stands one of Chromium's own.
                trace.exchange.responseBody = Body.of(ask(driver::getPageSource), "text/html", Body.BYTES_MAX);
            }
            ask(() -> {
                for (LogEntry entry : driver.manage().logs().get(CONSOLE)) {
                    if (entry.getTimestamp() >= beganMs - CLOCK_SLACK_MS && entry.getLevel().intValue() >= LEVEL_MIN) {
                        // Its source is not among what Selenium reads of it.
                        trace.console(entry.getLevel().getName(), "", entry.getMessage());
                    }
                }
                return null;
            });
            if (screenshots != null) {
                trace.screenshot(ask(() -> screenshots.picture(driver)));
            }
        }

        private <T> T ask(Supplier<T> question) {
            if (hangs) {
                return null;
            }
            try {
                return question.get();
            } catch (TimeoutException e) {
                hangs = true;
                return null;
            } catch (RuntimeException | LinkageError e) {
                // A driver without such an answer, or of another version.
                return null;
            }
        }
    }
}
