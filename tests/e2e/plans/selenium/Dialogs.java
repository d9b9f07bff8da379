import io.flood.selenium.FloodSump;
import java.net.URL;
import org.openqa.selenium.By;
import org.openqa.selenium.WebDriver;
import org.openqa.selenium.remote.DesiredCapabilities;
import org.openqa.selenium.remote.RemoteWebDriver;

/** Answers the dialog of a page after the transaction that opens it, and ends a transaction within a frame. */
public class Dialogs {
    private static final String PAGE = "data:text/html,<button onclick=\"document.title = confirm('sure?') ? 'accepted' : 'refused'\">"
            + "delete</button>";

    public static void main(String[] args) throws Exception {
        String hub = "http://" + System.getenv("WEBDRIVER_HOST") + ":" + System.getenv("WEBDRIVER_PORT") + "/wd/hub";
        WebDriver driver = new RemoteWebDriver(new URL(hub), DesiredCapabilities.chrome());
        FloodSump flood = new FloodSump();
        driver.get(PAGE);
        flood.start_transaction("delete");
        driver.findElement(By.tagName("button")).click();
        // It would have a picture, were there no dialog.
        flood.failed_transaction(driver);
        driver.switchTo().alert().accept();
        // Its label is the page's title.
        flood.passed_transaction(driver);
        flood.start_transaction("frame");
        driver.get(System.getProperty("url") + "/framed-page");
        driver.switchTo().frame(0);
        flood.passed_transaction(driver, "frame");
        flood.finished();
    }
}
