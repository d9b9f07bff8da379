package io.flood.selenium;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Plans in JVMs of their own. */
class ThisJvmTest {
    @TempDir
    Path dir;

    /** A plan that says nothing of its end. */
    public static final class Plan {
        public static void main(String[] args) {
            new FloodSump().started();
            new FloodSump().passed_transaction(null, "pay", 200, 1.5);
        }
    }

    /** A plan with an object for each failure. */
    public static final class Failing {
        public static void main(String[] args) {
            for (int i = 0; i < 2 * Screenshots.OF_THIS_JVM_MAX; i++) {
                new FloodSump().failed_transaction(new Browser().driver(), "pay");
            }
        }
    }

    @Test
    void theLastWordComesWhenThePlanEnds() throws Exception {
        try (DatagramSocket receiver = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
            receiver.setSoTimeout(5_000);
            String port = " " + receiver.getLocalPort() + " ";
            assertEquals(List.of(), run(Plan.class, Map.of("FLOOD_SUMP_PORT", port, "GRIDNODE_TRACE_DIR", dir.toString())));
            String hello = receive(receiver);
            assertTrue(hello.startsWith("ledger,flood=1,source=") && hello.contains(" seq=1i,samples=0i,"), hello);
            assertTrue(receive(receiver).startsWith("sample,flood=1,label=pay rt=1.500,ok=t,code=\"200\" "));
            String last = receive(receiver);
            assertTrue(last.endsWith(" seq=3i,samples=1i,truncated=0i,final=t\n"), last);
            assertEquals(last, receive(receiver));
            assertEquals(last, receive(receiver));
            try (Stream<Path> files = Files.list(dir)) {
                Path closing = files.filter(file -> file.toString().endsWith(".final")).collect(Collectors.toList()).get(0);
                assertEquals(last, Files.readString(closing));
            }
        }
    }

    @Test
    void aBadSettingIsOneLineAndThePlanRuns() throws Exception {
        assertEquals(
                List.of("gridnode: no results are sent: the property gridnode.sump_port (or the variable FLOOD_SUMP_PORT) must be "
                        + "a port (1 to 65535), not \"70000\""),
                run(Plan.class, Map.of("FLOOD_SUMP_PORT", "70000")));
        assertEquals(1, run(Plan.class, Map.of("FLOOD_SUMP_HOST", "no such host")).size());
        assertEquals(1, run(Plan.class, Map.of("FLOOD_SEQUENCE_ID", "7".repeat(70_000))).size());
    }

    @Test
    void picturesAreCountedForTheWholeJvm() throws Exception {
        Path pictures = Files.createDirectory(dir.resolve("pictures"));
        try (DatagramSocket receiver = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
            String port = Integer.toString(receiver.getLocalPort());
            run(Failing.class, Map.of("FLOOD_SUMP_PORT", port, "GRIDNODE_SCREENSHOTS_DIR", pictures.toString()));
        }
        try (Stream<Path> files = Files.list(pictures)) {
            assertEquals(Screenshots.OF_THIS_JVM_MAX, files.count());
        }
    }

    /** Standard error of a JVM that ended well. */
    private List<String> run(Class<?> main, Map<String, String> environment) throws IOException, InterruptedException {
        Path java = Path.of(System.getProperty("java.home"), "bin", "java");
        Path errors = dir.resolve("errors");
        ProcessBuilder plan = new ProcessBuilder(
                java.toString(), "-cp", System.getProperty("java.class.path"), main.getName());
        plan.environment().keySet().removeIf(name -> name.startsWith("FLOOD_") || name.startsWith("GRIDNODE_")
                || name.startsWith("JAVA_") || name.startsWith("JDK_"));
        plan.environment().putAll(environment);
        assertEquals(0, plan.redirectError(errors.toFile()).start().waitFor());
        return Files.readAllLines(errors);
    }

    private static String receive(DatagramSocket receiver) throws IOException {
        DatagramPacket packet = new DatagramPacket(new byte[65_507], 65_507);
        receiver.receive(packet);
        return new String(packet.getData(), 0, packet.getLength(), StandardCharsets.UTF_8);
    }
}
