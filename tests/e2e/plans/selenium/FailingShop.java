import io.flood.selenium.FloodSump;
import java.net.URL;
import org.openqa.selenium.By;
import org.openqa.selenium.WebDriver;
import org.openqa.selenium.WebDriverException;
import org.openqa.selenium.remote.DesiredCapabilities;
import org.openqa.selenium.remote.RemoteWebDriver;

/** Fails in a few ways, with secrets in each place that a browser has. */
public class FailingShop {
    public static void main(String[] args) throws Exception {
        String hub = "http://" + System.getenv("WEBDRIVER_HOST") + ":" + System.getenv("WEBDRIVER_PORT") + "/wd/hub";
        WebDriver driver = new RemoteWebDriver(new URL(hub), DesiredCapabilities.chrome());
        String url = System.getProperty("url");
        FloodSump flood = new FloodSump();
        flood.started();
        flood.start_transaction("fine");
        driver.get(url + "/page");
        flood.passed_transaction(driver, "fine");
        flood.start_transaction("pay");
        try {
            driver.get(url + "/secrets?user=ann&password=canary-query&q=1");
            driver.findElement(By.id("password")).sendKeys("canary-typed");
            driver.findElement(By.id("not-there"));
        } catch (WebDriverException e) {
            flood.webdriver_exception(driver, e);
        }
        // What was read of the console is there for the program all the same.
        boolean there = driver.manage().logs().get("browser").getAll().stream().anyMatch(entry -> entry.getMessage().contains("token="));
        flood.start_transaction("console");
        if (there) {
            flood.passed_transaction(driver, "console");
        } else {
            flood.failed_transaction(driver, "console");
        }
        for (int n = 0; n < Integer.getInteger("storm", 0); n++) {
            flood.start_transaction("storm");
            flood.failed_transaction(driver, "storm", 500);
        }
        flood.finished();
    }
}
