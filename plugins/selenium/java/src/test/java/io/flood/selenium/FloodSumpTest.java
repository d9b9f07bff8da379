package io.flood.selenium;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gridnode.sump.Source;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openqa.selenium.NoSuchElementException;
import org.openqa.selenium.NoSuchSessionException;
import org.openqa.selenium.remote.DesiredCapabilities;

class FloodSumpTest {
    @TempDir
    Path dir;

    private final Browser browser = new Browser();
    private DatagramSocket receiver;
    private Source source;
    private FloodSump flood;

    @BeforeEach
    void open() throws IOException {
        receiver = new DatagramSocket(0, InetAddress.getLoopbackAddress());
        receiver.setSoTimeout(5_000);
        Map<String, String> environment = Map.of(
                "FLOOD_SEQUENCE_ID", "7",
                "FLOOD_SUMP_HOST", "127.0.0.1",
                "FLOOD_SUMP_PORT", Integer.toString(receiver.getLocalPort()),
                "GRIDNODE_TRACE_DIR", dir.toString());
        source = ThisJvm.open(environment::get);
        flood = new FloodSump(source, new Capture(null, new Screenshots(dir.toString(), source.name())));
    }

    @AfterEach
    void close() {
        source.end();
        receiver.close();
    }

    @Test
    void everySampleLeavesAtOnceWithItsAccount() throws IOException {
        flood.started();
        assertEquals("ledger,flood=7,source=" + source.name() + " seq=1i,samples=0i,truncated=0i\n", receive());
        flood.passed_transaction(browser.driver(), "Step 1");
        String datagram = receive();
        assertTrue(datagram.startsWith("sample,flood=7,label=Step+1 rt=250,ok=t,lat=20 "), datagram);
        assertTrue(datagram.endsWith(" seq=2i,samples=1i,truncated=0i\n"), datagram);
        flood.passed_transaction(browser.driver(), "given", 204, 12.5);
        assertTrue(receive().contains("label=given rt=12.500,ok=t,code=\"204\""));
        browser.answer = Map.of("load", 250.25, "first", 20.5, "connect", 1.75, "sofar", 300.0);
        flood.passed_transaction(browser.driver(), "measured finely", 0);
        assertTrue(receive().contains("rt=250.250,ok=t,lat=20.500,conn=1.750 "));
        flood.finished();
        source.end();
        String last = receive();
        assertTrue(last.endsWith(" seq=5i,samples=3i,truncated=0i,final=t\n"), last);
        assertEquals(last, receive());
        assertEquals(last, Files.readString(dir.resolve(source.name() + ".final")));
    }

    @Test
    void aPageThatHasNotFinishedIsNeverAHugeNumber() throws IOException {
        browser.answer = Map.of("load", -1_700_000_000_000L, "first", -1_700_000_000_000L, "sofar", 41.5);
        flood.passed_transaction(browser.driver());
        assertTrue(receive().startsWith("sample,flood=7,label=Front+page rt=41.500,ok=t "));
        flood.passed_transaction(browser.driver(), "bad number", 200, Double.NaN);
        assertTrue(receive().contains("rt=41.500"));
        flood.start_transaction("measured by us");
        flood.passed_transaction(browser.driver(), "measured by us");
        String line = receive();
        double ms = rtMs(line);
        assertTrue(ms >= 0 && ms < 41.5, line);
    }

    @Test
    void aFailureCarriesItsErrorAndAPicture() throws IOException {
        flood.start_transaction("Click ../Bingo");
        flood.webdriver_exception(browser.driver(), new NoSuchElementException("no such element: \"b\"\nSession info: x"));
        String line = receive();
        assertTrue(line.contains("label=Click+..%2FBingo rt="), line);
        assertTrue(line.contains(",ok=f,error="), line);
        assertTrue(line.contains("error=\"NoSuchElementException: no such element: \\\"b\\\"\""), line);
        assertEquals(List.of("Click-Bingo-" + source.name() + "-1.png"), pictures());
        for (int i = 0; i < 2 * Screenshots.OF_THIS_JVM_MAX; i++) {
            flood.failed_transaction(browser.driver(), 400);
        }
        assertEquals(Screenshots.OF_THIS_JVM_MAX, pictures().size());
    }

    @Test
    void theCodeIsThePagesOrThePlansAndNeverInvented() throws IOException {
        flood.failed_transaction(browser.driver(), "no page's status");
        assertTrue(receive().contains(",ok=f,lat=20,error="));
        browser.answer = Map.of("load", 250L, "first", 20L, "sofar", 300.0, "status", 404L);
        flood.failed_transaction(browser.driver(), "404");
        assertTrue(receive().contains(",ok=f,code=\"404\","));
        flood.passed_transaction(browser.driver(), "404");
        assertTrue(receive().contains(",ok=t,code=\"404\","));
        flood.failed_transaction(browser.driver(), 400);
        assertTrue(receive().contains(",ok=f,code=\"400\","));
    }

    @Test
    void aPageThatDidNotLoadFailsWhateverThePlanSays() throws IOException {
        browser.answer = Map.of("unloaded", "ERR_UNSAFE_PORT");
        flood.start_transaction("pay");
        flood.passed_transaction(browser.driver(), "pay", 200, 12.5);
        assertTrue(receive().contains("label=pay rt=12.500,ok=f,error=\"the page did not load: net::ERR_UNSAFE_PORT\" "));
        flood.failed_transaction(browser.driver(), "pay");
        assertTrue(receive().contains(",ok=f,error=\"the page did not load: net::ERR_UNSAFE_PORT\" "));
        flood.webdriver_exception(browser.driver(), new NoSuchElementException("no such element"));
        assertTrue(receive().contains(",ok=f,error=\"NoSuchElementException: no such element\""));
        browser.crashed = true;
        flood.passed_transaction(browser.driver(), "pay");
        assertTrue(receive().contains(",ok=f,error=\"the page crashed: tab crashed\" "));
    }

    @Test
    void aPageOlderThanTheTransactionSaysNothingOfIt() throws IOException {
        browser.answer = Map.of("load", 80_000L, "first", 70_000L, "sofar", 90_000.0, "status", 404L);
        flood.start_transaction("click");
        flood.passed_transaction(browser.driver(), "click");
        String line = receive();
        double ms = rtMs(line);
        assertTrue(ms < 80_000 && line.contains(",ok=t "), line);
        flood.passed_transaction(browser.driver(), "without a start");
        assertTrue(receive().contains("rt=80000,ok=t,code=\"404\",lat=70000 "));
    }

    @Test
    void ofABrowserThatIsGoneNothingIsReported() throws IOException {
        flood.start_transaction("pay");
        browser.dead = true;
        Browser.Driver driver = browser.driver();
        assertThrows(NoSuchSessionException.class, () -> flood.failed_transaction(driver));
        assertThrows(NoSuchSessionException.class, () -> flood.failed_transaction(driver, "pay", 400));
        assertThrows(NoSuchSessionException.class, () -> flood.passed_transaction(driver, "pay"));
        assertThrows(NoSuchSessionException.class, () -> flood.webdriver_exception(driver, null));
        assertThrows(NoSuchSessionException.class, () -> flood.get_mark(driver, "first paint"));
        flood.start_transaction(null);
        flood.webdriver_exception(null, null);
        assertTrue(receive().contains("label=unnamed rt="));
    }

    @Test
    void aDialogIsLeftToThePlan() throws IOException {
        browser.dialog = true;
        flood.start_transaction("delete");
        flood.passed_transaction(browser.driver());
        assertTrue(receive().startsWith("sample,flood=7,label=delete rt="));
        flood.failed_transaction(browser.driver());
        assertTrue(receive().contains(",ok=f,error="));
        flood.get_mark(browser.driver(), "first paint");
        assertTrue(receive().contains("label=first+paint "));
        assertTrue(browser.dialog, "it is still open");
        assertEquals(List.of(), pictures());
    }

    @Test
    void whatWeAskTheBrowserIsNotTheTransactionsTime() throws IOException {
        browser.answer = Map.of();
        browser.answersAfterMs = 300;
        flood.start_transaction("click");
        flood.passed_transaction(browser.driver());
        assertTrue(rtMs(receive()) < 300);
    }

    @Test
    void userTimingsAreTransactions() throws IOException {
        browser.answer = 77.25;
        flood.get_mark(browser.driver(), "first paint");
        assertTrue(receive().contains("label=first+paint rt=77.250,ok=t"));
        flood.get_measure(browser.driver(), "load");
        assertTrue(receive().contains("label=load rt=77.250,ok=t"));
    }

    @Test
    void aMarkThatIsNotThereIsAFailure() throws IOException {
        browser.answer = "no number";
        Thread.currentThread().interrupt();
        flood.get_mark(browser.driver(), null);
        assertTrue(Thread.interrupted(), "the plan's interrupt is not swallowed");
        assertTrue(receive().contains(",ok=f,error=\"the page has no mark of this name"));
        assertEquals(1, pictures().size());
    }

    @Test
    void withoutASourceNothingIsSentAndNothingThrown() {
        FloodSump silent = new FloodSump(null, new Capture(null, new Screenshots(null, "none")));
        silent.started();
        silent.passed_transaction(browser.driver(), "x");
        silent.failed_transaction(browser.driver());
        silent.finished();
    }

    @Test
    void capabilitiesOfPublishedPlans() {
        assertEquals("chrome", DesiredCapabilities.chrome().getBrowserName());
        assertEquals("firefox", new DesiredCapabilities().merge(DesiredCapabilities.firefox()).getBrowserName());
    }

    private List<String> pictures() throws IOException {
        try (Stream<Path> files = Files.list(dir)) {
            return new ArrayList<>(files.map(file -> file.getFileName().toString()).filter(name -> name.endsWith(".png"))
                    .collect(Collectors.toList()));
        }
    }

    private static double rtMs(String line) {
        return Double.parseDouble(line.substring(line.indexOf("rt=") + 3, line.indexOf(",ok")));
    }

    private String receive() throws IOException {
        DatagramPacket packet = new DatagramPacket(new byte[65_507], 65_507);
        receiver.receive(packet);
        return new String(packet.getData(), 0, packet.getLength(), StandardCharsets.UTF_8);
    }
}
