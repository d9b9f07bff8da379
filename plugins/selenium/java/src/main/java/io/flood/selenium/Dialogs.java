package io.flood.selenium;

import org.openqa.selenium.WebDriver;

/** Dialogs of a page: alert, confirm, prompt. The plan opens them, and the plan answers them. */
final class Dialogs {
    private Dialogs() {
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
