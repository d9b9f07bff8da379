package io.flood.selenium;

import java.lang.reflect.Proxy;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.openqa.selenium.JavascriptExecutor;
import org.openqa.selenium.NoAlertPresentException;
import org.openqa.selenium.NoSuchSessionException;
import org.openqa.selenium.OutputType;
import org.openqa.selenium.TakesScreenshot;
import org.openqa.selenium.TimeoutException;
import org.openqa.selenium.UnhandledAlertException;
import org.openqa.selenium.WebDriver;
import org.openqa.selenium.WebDriverException;
import org.openqa.selenium.logging.LogEntries;
import org.openqa.selenium.logging.LogEntry;
import org.openqa.selenium.logging.Logs;

/** A made-up browser: a title, an answer to every script, a picture; or none of it when it is dead or shows a dialog. */
final class Browser {
    /** All that a plan's driver usually is. */
    interface Driver extends WebDriver, JavascriptExecutor, TakesScreenshot {
    }

    Object answer = Map.of("load", 250L, "first", 20L, "sofar", 300.0);
    boolean dead;
    /** The driver lives, the page's process does not. */
    boolean crashed;
    /** As in a real one, any question but that for the dialog's text closes it. */
    boolean dialog;
    long answersAfterMs;
    boolean hangs;
    int pictures;
    String source = "<html></html>";
    List<LogEntry> console = List.of();

    Driver driver() {
        return (Driver) Proxy.newProxyInstance(getClass().getClassLoader(), new Class<?>[] {Driver.class}, (self, method, args) -> {
            if (dead) {
                throw new NoSuchSessionException("the browser is gone\nsecond line");
            }
            if (answersAfterMs > 0) {
                Thread.sleep(answersAfterMs);
            }
            if (method.getName().equals("switchTo")) {
                return switchTo();
            }
            if (dialog) {
                dialog = false;
                throw new UnhandledAlertException("the dialog has been closed");
            }
            switch (method.getName()) {
                case "getTitle":
                    return "Front page";
                case "executeScript":
                    if (crashed) {
                        throw new WebDriverException("tab crashed\n  (Session info: x)");
                    }
                    return answer;
                case "getCurrentUrl":
                    return "http://shop/pay?password=canary";
                case "getPageSource":
                    if (hangs) {
                        throw new TimeoutException("it hangs");
                    }
                    return source;
                case "manage":
                    return options();
                case "getScreenshotAs":
                    pictures++;
                    return args[0] == OutputType.BYTES ? new byte[] {1, 2, 3} : null;
                default:
                    throw new UnsupportedOperationException(method.getName());
            }
        });
    }

    private WebDriver.Options options() {
        return stub(WebDriver.Options.class, "logs", () -> stub(Logs.class, "get", () -> new LogEntries(console)));
    }

    private static <T> T stub(Class<T> type, String method, Supplier<Object> answer) {
        return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (self, called, args) -> {
            if (!called.getName().equals(method)) {
                throw new UnsupportedOperationException(called.getName());
            }
            return answer.get();
        }));
    }

    private WebDriver.TargetLocator switchTo() {
        Class<?>[] types = {WebDriver.TargetLocator.class};
        return (WebDriver.TargetLocator) Proxy.newProxyInstance(getClass().getClassLoader(), types, (self, method, args) -> {
            if (!method.getName().equals("alert")) {
                throw new UnsupportedOperationException(method.getName());
            }
            if (!dialog) {
                throw new NoAlertPresentException("no such alert");
            }
            return null;
        });
    }
}
