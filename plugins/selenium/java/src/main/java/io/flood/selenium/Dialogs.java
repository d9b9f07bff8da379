package io.flood.selenium;

import org.openqa.selenium.NoSuchSessionException;
import org.openqa.selenium.WebDriver;
import org.openqa.selenium.remote.RemoteWebDriver;
import org.openqa.selenium.remote.UnreachableBrowserException;

/** Dialogs of a page: alert, confirm, prompt. The plan opens them, and the plan answers them. */
final class Dialogs {
    private Dialogs() {
    }

    /**
     * Throws what every question to a browser throws that has quit or died. Nothing that a program says of it after that is a
     * measurement.
     */
    static void checkIsThere(WebDriver driver) {
        if (driver == null) {
            return;
        }
        if (driver instanceof RemoteWebDriver && ((RemoteWebDriver) driver).getSessionId() == null) {
            throw new NoSuchSessionException("the browser has quit: nothing can be reported of it any more");
        }
        try {
            driver.switchTo().alert();
        } catch (NoSuchSessionException | UnreachableBrowserException e) {
            throw e;
        } catch (RuntimeException e) {
            // It has no dialog, or no words for what it is asked: the plan goes on.
        }
    }

    /** Whether one waits for its answer. Then the page must not be asked anything: the driver would answer the dialog first. */
    static boolean isOpen(WebDriver driver) {
        try {
            // Asks for the dialog's text, the one question that leaves it as it is.
            driver.switchTo().alert();
            return true;
        } catch (RuntimeException e) {
            // There is none; whatever else is wrong, the next question will show.
            return false;
        }
    }
}
