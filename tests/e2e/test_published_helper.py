"""A helper of Flood's kind, as source beside a program: it sends the per-metric lines by itself and counts nothing."""

from support.browsers import nothing_is_left, url_of
from support.running import Run

# Ours, with what the published one is made of: json-simple, commons-codec, commons-io, guava; one datagram a metric.
HELPER = """
package io.flood.selenium;

import com.google.common.base.Predicate;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import org.apache.commons.codec.binary.Base64;
import org.apache.commons.io.IOUtils;
import org.json.simple.JSONObject;
import org.openqa.selenium.WebDriver;

public class FloodSump {
    private final Predicate<String> isNumber = value -> !value.isEmpty();
    private DatagramSocket socket;

    @SuppressWarnings("unchecked")
    public void passed_transaction(WebDriver driver, String label) throws Exception {
        JSONObject trace = new JSONObject();
        trace.put("url", driver.getCurrentUrl());
        String text = IOUtils.toString(IOUtils.toInputStream(trace.toString(), "UTF-8"), "UTF-8");
        send("trace", "\\"" + Base64.encodeBase64String(text.getBytes(StandardCharsets.UTF_8)) + "\\"", label);
        send("response_time", "12", label);
        send("passed", "1", label);
        send("failed", "0", label);
        send("transaction_rate", "1", label);
    }

    private void send(String metric, String value, String label) throws Exception {
        if (socket == null) {
            socket = new DatagramSocket();
        }
        String line = metric + ",account=" + env("FLOOD_ACCOUNT_ID") + ",flood=" + env("FLOOD_SEQUENCE_ID") + ",region=local,grid="
            + env("FLOOD_GRID_SQEUENCE_ID") + ",node=1,project=" + env("FLOOD_PROJECT_ID") + ",label=" + label + " value=" + value
            + ",response_code=\\"200\\"";
        byte[] bytes = line.getBytes(StandardCharsets.UTF_8);
        InetAddress to = InetAddress.getByName(System.getenv("FLOOD_SUMP_HOST"));
        socket.send(new DatagramPacket(bytes, bytes.length, to, Integer.parseInt(System.getenv("FLOOD_SUMP_PORT"))));
    }

    private String env(String name) {
        String value = System.getenv(name);
        return value != null && isNumber.apply(value) ? value : "1";
    }
}
"""
PLAN = """
import io.flood.selenium.FloodSump;
import java.net.URL;
import org.openqa.selenium.WebDriver;
import org.openqa.selenium.remote.DesiredCapabilities;
import org.openqa.selenium.remote.RemoteWebDriver;

public class Shop {
    public static void main(String[] args) throws Exception {
        String hub = "http://" + System.getenv("WEBDRIVER_HOST") + ":" + System.getenv("WEBDRIVER_PORT") + "/wd/hub";
        WebDriver driver = new RemoteWebDriver(new URL(hub), DesiredCapabilities.chrome());
        FloodSump flood = new FloodSump();
        for (int i = 0; i < 3; i++) {
            driver.get(System.getProperty("url") + "/fast");
            flood.passed_transaction(driver, "page");
        }
        driver.quit();
    }
}
"""


def test_what_it_sends_is_counted_and_said_to_be_uncounted(with_selenium, site):
    plan = with_selenium.directory / "shop"
    helper = plan / "io" / "flood" / "selenium" / "FloodSump.java"
    helper.parent.mkdir(parents=True)
    helper.write_text(HELPER)
    (plan / "Shop.java").write_text(PLAN)
    # As a directory, and as one file with what it needs beside it.
    for what in (plan, plan / "Shop.java"):
        run = Run(with_selenium, what, "--param", f"url={url_of(site)}", seconds=90)
        assert run.code == 0 and run.labels[("page", "request")]["count"] == 3, run
        assert run.ledger["unattributed"] == 3 and run.ledger["lost"] == 0, run.ledger
        assert "3 samples of a sender that does not count: what was lost of them is not known" in run.process.text, run
        assert "✔ every sample is accounted for" not in run.process.text, run
        nothing_is_left(run.out)
