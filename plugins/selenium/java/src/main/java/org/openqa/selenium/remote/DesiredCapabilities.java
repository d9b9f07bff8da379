package org.openqa.selenium.remote;

import java.util.Map;
import org.openqa.selenium.Capabilities;
import org.openqa.selenium.MutableCapabilities;
import org.openqa.selenium.Platform;

/**
 * Takes the place of Selenium's class of this name, which comes later on the class path: with its methods and with those that
 * Selenium 4 has given up and published plans call, such as {@code DesiredCapabilities.chrome()}.
 *
 * <p>Which browser runs is decided by the node, not by the plan.
 */
public class DesiredCapabilities extends MutableCapabilities {
    private static final long serialVersionUID = 1L;

    /** Asks for nothing. */
    public DesiredCapabilities() {
        // Nothing to set.
    }

    /** A browser by its name; version and platform may be null or empty. */
    public DesiredCapabilities(String browser, String version, Platform platform) {
        setBrowserName(browser);
        if (version != null && !version.isEmpty()) {
            setVersion(version);
        }
        if (platform != null && platform != Platform.ANY) {
            setPlatform(platform);
        }
    }

    /** A copy. */
    public DesiredCapabilities(Map<String, ?> rawMap) {
        if (rawMap != null) {
            rawMap.forEach(this::setCapability);
        }
    }

    /** A copy. */
    public DesiredCapabilities(Capabilities other) {
        if (other != null) {
            other.asMap().forEach(this::setCapability);
        }
    }

    /** All of them; a later one wins. */
    public DesiredCapabilities(Capabilities... others) {
        if (others != null) {
            for (Capabilities other : others) {
                if (other != null) {
                    other.asMap().forEach(this::setCapability);
                }
            }
        }
    }

    public static DesiredCapabilities chrome() {
        return new DesiredCapabilities("chrome", "", Platform.ANY);
    }

    public static DesiredCapabilities firefox() {
        return new DesiredCapabilities("firefox", "", Platform.ANY);
    }

    public static DesiredCapabilities edge() {
        return new DesiredCapabilities("MicrosoftEdge", "", Platform.ANY);
    }

    public static DesiredCapabilities internetExplorer() {
        return new DesiredCapabilities("internet explorer", "", Platform.ANY);
    }

    public static DesiredCapabilities safari() {
        return new DesiredCapabilities("safari", "", Platform.ANY);
    }

    public static DesiredCapabilities htmlUnit() {
        return new DesiredCapabilities("htmlunit", "", Platform.ANY);
    }

    public void setBrowserName(String browserName) {
        setCapability("browserName", browserName);
    }

    public void setVersion(String version) {
        setCapability("browserVersion", version);
    }

    public void setPlatform(Platform platform) {
        setCapability("platformName", platform);
    }

    /** It is always on; kept for plans that set it. */
    public void setJavascriptEnabled(boolean javascriptEnabled) {
        // The standard protocol has no such capability.
    }

    public boolean acceptInsecureCerts() {
        return is("acceptInsecureCerts");
    }

    public void setAcceptInsecureCerts(boolean acceptInsecureCerts) {
        setCapability("acceptInsecureCerts", acceptInsecureCerts);
    }

    @Override
    public DesiredCapabilities merge(Capabilities extra) {
        DesiredCapabilities merged = new DesiredCapabilities(this);
        if (extra != null) {
            extra.asMap().forEach(merged::setCapability);
        }
        return merged;
    }
}
