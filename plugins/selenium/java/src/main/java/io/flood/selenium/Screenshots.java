package io.flood.selenium;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.openqa.selenium.OutputType;
import org.openqa.selenium.TakesScreenshot;
import org.openqa.selenium.WebDriver;
import org.openqa.selenium.WebDriverException;

/**
 * Pictures of failures, in their error traces or in the run's own directory: at most {@value #OF_THIS_JVM_MAX} of this JVM (one user) and some
 * {@value #OF_ALL_MAX} of all. One for all {@link FloodSump}s: they share their names and their number. Thread safe.
 */
final class Screenshots {
    static final int OF_THIS_JVM_MAX = 20;
    static final int OF_ALL_MAX = 200;
    private static final int BYTES_MAX = 5 << 20;
    private static final int NAME_CHARS_MAX = 60;

    private final Path dir;
    private final String source;
    private int taken;

    /** @param dir null or empty: none are taken */
    Screenshots(String dir, String source) {
        this.dir = dir == null || dir.isEmpty() ? null : Path.of(dir);
        this.source = source;
    }

    /** Never throws: a picture is a help, not a result. */
    void take(WebDriver driver, String label) {
        if (dir == null || !(driver instanceof TakesScreenshot) || Dialogs.isOpen(driver)) {
            return;
        }
        int number = next();
        try {
            if (number > OF_THIS_JVM_MAX || isFull()) {
                return;
            }
            byte[] png = ((TakesScreenshot) driver).getScreenshotAs(OutputType.BYTES);
            if (png.length <= BYTES_MAX) {
                Files.write(dir.resolve(name(label, number)), png);
            }
        } catch (IOException | WebDriverException e) {
            System.err.println("gridnode: no screenshot of " + label + ": " + firstLine(e.getMessage()));
        }
    }

    /** For an error trace: null when there are enough of them. It counts as one that is taken. */
    byte[] picture(WebDriver driver) {
        return driver instanceof TakesScreenshot && next() <= OF_THIS_JVM_MAX
                ? ((TakesScreenshot) driver).getScreenshotAs(OutputType.BYTES)
                : null;
    }

    /** Locked only here: a browser that hangs must not hold up other threads. */
    private synchronized int next() {
        taken = Math.min(taken, OF_THIS_JVM_MAX) + 1;
        return taken;
    }

    private boolean isFull() throws IOException {
        try (Stream<Path> files = Files.list(dir)) {
            return files.limit(OF_ALL_MAX).count() >= OF_ALL_MAX;
        }
    }

    /** Letters and digits of the label: it comes from a plan, and a name must not leave the directory. */
    private String name(String label, int number) {
        String plain = label.replaceAll("[^A-Za-z0-9]+", "-");
        return plain.substring(0, Math.min(plain.length(), NAME_CHARS_MAX)) + "-" + source + "-" + number + ".png";
    }

    static String firstLine(String text) {
        return text == null ? "" : text.lines().findFirst().orElse("").trim();
    }
}
