import io.flood.selenium.FloodSump;
import java.net.URL;
import java.util.concurrent.TimeUnit;
import org.openqa.selenium.By;
import org.openqa.selenium.WebDriver;
import org.openqa.selenium.WebDriverException;
import org.openqa.selenium.remote.DesiredCapabilities;
import org.openqa.selenium.remote.RemoteWebDriver;

/** Written as published examples are. */
public class PublishedShop {
    public static void main(String[] args) throws Exception {
        String hub = "http://" + System.getenv("WEBDRIVER_HOST") + ":" + System.getenv("WEBDRIVER_PORT") + "/wd/hub";
        WebDriver driver = new RemoteWebDriver(new URL(hub), DesiredCapabilities.chrome());
        driver.manage().timeouts().implicitlyWait(1, TimeUnit.SECONDS);
        FloodSump flood = new FloodSump();
        flood.started();
        for (int i = 0; i < 3; i++) {
            flood.start_transaction("front");
            driver.get(System.getProperty("url") + "/page");
            flood.passed_transaction(driver, "front");
            flood.start_transaction("missing");
            try {
                driver.findElement(By.id("not-there"));
                flood.passed_transaction(driver, "missing");
            } catch (WebDriverException e) {
                flood.webdriver_exception(driver, e);
            }
        }
        // The browser is left open: the node closes it.
        flood.finished();
    }
}
