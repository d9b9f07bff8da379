package io.gridnode.gatling;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gatling.commons.stats.KO$;
import io.gatling.commons.stats.OK$;
import io.gatling.core.session.GroupBlock;
import io.gridnode.sump.Report;
import io.gridnode.sump.Settings;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import scala.Option;

/** Through the hooks, over a real socket on loopback; the receiver's buffer holds all that a test sends. */
class RunTest {
    private static final long NOW_MS = System.currentTimeMillis();
    private static final Option<String> NONE = Option.empty();
    private static final String END = " " + NOW_MS + "000000";

    @TempDir
    Path dir;

    private final AtomicBoolean active = new AtomicBoolean(true);
    private DatagramSocket receiver;
    private Run run;

    @BeforeEach
    void open() throws IOException {
        receiver = new DatagramSocket(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        Map<String, String> properties = Map.of(
                "gridnode.flood", "7",
                "gridnode.sump_host", receiver.getLocalAddress().getHostAddress(),
                "gridnode.sump_port", Integer.toString(receiver.getLocalPort()));
        run = new Run(
                Settings.read(properties::get, name -> null),
                MaxDuration.read(properties::get),
                new Report(dir.resolve("report")),
                text -> {
                    throw new IllegalStateException(text);
                });
        Hooks.install(run);
    }

    @AfterEach
    void close() {
        run.end();
        receiver.close();
    }

    @Test
    void aResponseIsASampleWithItsGroupsInFront() throws IOException {
        Hooks.response(active, Lists.of("checkout"), "pay", NOW_MS - 12, NOW_MS, OK$.MODULE$, Option.apply("200"), Option.apply("fine"));
        Hooks.response(active, Lists.of(), "home", NOW_MS, NOW_MS, KO$.MODULE$, Option.apply("500"), Option.apply("found 500"));
        Hooks.response(active, Lists.of(), "home", NOW_MS - 1, NOW_MS, KO$.MODULE$, NONE, NONE);
        assertEquals(
                List.of(
                        "sample,flood=7,label=checkout+%2F+pay rt=12,ok=t,code=\"200\"" + END,
                        "sample,flood=7,label=home rt=0,ok=f,code=\"500\",error=\"found 500\"" + END,
                        "sample,flood=7,label=home rt=1,ok=f" + END),
                sent("sample,"));
    }

    @Test
    void aGroupIsATransactionOfItsCumulatedResponseTime() throws IOException {
        Hooks.response(active, Lists.of(), "home", NOW_MS - 1, NOW_MS, KO$.MODULE$, Option.apply("500"), Option.apply("no"));
        Hooks.groupEnd(active, new GroupBlock(Lists.of("checkout", "pay"), NOW_MS - 500, 42, OK$.MODULE$), NOW_MS);
        Hooks.groupEnd(active, new GroupBlock(Lists.of("checkout"), NOW_MS - 500, 43, KO$.MODULE$), NOW_MS);
        assertEquals(
                List.of(
                        "sample,flood=7,label=checkout+%2F+pay rt=42,ok=t,kind=\"transaction\"" + END,
                        "sample,flood=7,label=checkout rt=43,ok=f,kind=\"transaction\",error=\"marked as failed without a"
                                + " failed request: a function in it threw, or the plan marks it\"" + END),
                sent("sample,").subList(1, 3));
    }

    @Test
    void aGroupThatFailsSaysWhichRequestDid() throws IOException {
        GroupBlock outer = new GroupBlock(Lists.of("cart"), NOW_MS - 500, 43, KO$.MODULE$);
        GroupBlock inner = new GroupBlock(Lists.of("cart", "pay"), NOW_MS - 500, 43, KO$.MODULE$);
        Hooks.groupEnd(active, outer, NOW_MS);
        Hooks.response(active, Lists.of("cart", "pay"), "card", NOW_MS, NOW_MS, KO$.MODULE$, NONE, NONE);
        Hooks.response(active, Lists.of("cart", "pay"), "again", NOW_MS, NOW_MS, KO$.MODULE$, NONE, NONE);
        Hooks.groupEnd(active, inner, NOW_MS);
        Hooks.groupEnd(active, outer, NOW_MS);
        Hooks.crash(active, Lists.of("unsent"), "page", "no attribute");
        Hooks.groupEnd(active, new GroupBlock(Lists.of("unsent"), NOW_MS - 500, 43, KO$.MODULE$), NOW_MS);
        assertEquals(
                List.of(
                        "marked as failed without a failed request: a function in it threw, or the plan marks it",
                        "a request in it failed, such as card",
                        "a request in it failed, such as card",
                        "a request in it was not sent, such as page"),
                sent("sample,").stream()
                        .filter(line -> line.contains("kind=\"transaction\""))
                        .map(line -> line.replaceAll("(?s).*error=\"([^\"]*)\".*", "$1"))
                        .collect(Collectors.toList()));
    }

    @Test
    void groupsWithoutEndAreNotKept() {
        FailedGroups groups = new FailedGroups();
        for (int i = 0; i <= FailedGroups.GROUPS_MAX; i++) {
            groups.requestFailed(Lists.of("user " + i), "pay");
        }
        assertTrue(groups.reason(Lists.of("user 7")).endsWith("such as pay"));
        assertTrue(groups.reason(Lists.of("user " + FailedGroups.GROUPS_MAX)).startsWith("marked as failed"));
    }

    @Test
    void whatGatlingDoesNotLogIsNotSent() throws IOException {
        Hooks.engineStart();
        Hooks.response(active, Lists.of(), "cancelled", NOW_MS, -1, KO$.MODULE$, NONE, NONE);
        active.set(false);
        Hooks.response(active, Lists.of(), "late", NOW_MS, NOW_MS, OK$.MODULE$, NONE, NONE);
        Hooks.groupEnd(active, new GroupBlock(Lists.of("late"), NOW_MS, 1, OK$.MODULE$), NOW_MS);
        Hooks.userStart(active);
        Hooks.crash(active, Lists.of(), "late", "late");
        List<String> lines = sent("");
        assertEquals(List.of(), lines.stream().filter(l -> l.startsWith("sample,")).collect(Collectors.toList()));
        assertTrue(lines.get(0).contains(" active=0i,started=0i,finished=0i "), lines.get(0));
        assertEquals(List.of(), reported("could not send"));
    }

    @Test
    void usersAreCountedAsTheyComeAndGo() throws IOException {
        for (int i = 0; i < 5; i++) {
            Hooks.userStart(active);
        }
        Hooks.userEnd(active);
        Hooks.userEnd(active);
        Hooks.engineStart();
        assertTrue(sent("users,").get(0).contains(" active=3i,started=5i,finished=2i "));
    }

    @Test
    void aFaultOfOursIsNotThrownIntoGatlingButCountedAndSaidOnce() throws IOException {
        for (int i = 0; i < 3; i++) {
            Hooks.response(active, null, "home", NOW_MS, NOW_MS, OK$.MODULE$, NONE, NONE);
        }
        run.summarize();
        assertEquals(1, reported("failed to take a record").size());
        assertEquals(1, reported("failed to take 3 records").size());
    }

    @Test
    void aJvmThatEndsBeforeTheLoadDoesIsSaidToHaveCutItShort() throws IOException {
        Patches.Result result = new Patches.Result();
        Hooks.engineStart();
        run.classLoaded(Patches.ENGINE, result, "3.16.0");
        run.summarize();
        assertEquals(List.of(), reported("cut_short"), "who does not hear of the end cannot say that there was none");
        result.patched.add(Patches.ENGINE_STOP);
        run.classLoaded(Patches.ENGINE, result, "3.15.1");
        run.summarize();
        assertEquals(1, reported("\"cut_short\",\"text\":\"the simulation was cut short").size());
        Files.delete(dir.resolve("report"));
        Hooks.engineStop();
        run.summarize();
        assertEquals(List.of(), reported("cut_short"));
    }

    @Test
    void anExitOfThePlansAfterTheLoadIsSaidWithItsAssertions() throws IOException, ReflectiveOperationException {
        Hooks.engineStart();
        Hooks.engineStop();
        run.summarize();
        assertEquals(List.of(), reported("exited_after"), "Gatling's own end");
        run.exitedAfter("S.after, S.java:8");
        Hooks.parameters(new Object() {
            @SuppressWarnings("unused")
            public Object assertions() {
                return Lists.of("a", "b");
            }
        });
        run.exitedAfter("S.after, S.java:8");
        assertEquals(1, reported("\"count\":1,\"text\":\"System.exit in S.after, S.java:8\"").size(), "not known is not none");
        assertEquals(1, reported("\"count\":2,\"text\"").size());
    }

    @Test
    void withoutAHookOnTheResponsesNothingIsRun() throws IOException {
        Patches.Result result = new Patches.Result();
        result.missingRequired.add("DataWritersStatsEngine.logResponse");
        var error = assertThrows(IllegalStateException.class, () -> run.classLoaded(Patches.ENGINE, result, "4.0.0"));
        assertTrue(error.getMessage().contains("Gatling 4.0.0 has no DataWritersStatsEngine.logResponse"), error.getMessage());
        assertThrows(IllegalStateException.class, () -> run.classNotPatched(Patches.ENGINE, new RuntimeException("x")));
        // An engine that was never loaded: another one is in use.
        assertThrows(IllegalStateException.class, () -> run.components(new Object()));
        run.maxDuration(Option.empty());
        run.summarize();
        assertEquals(1, reported("\"fatal\",\"text\":\"the simulation ran without").size());
    }

    @Test
    void withItWhatElseIsMissingIsAWarning() throws IOException {
        Patches.Result result = new Patches.Result();
        result.patched.add("DataWritersStatsEngine.logResponse");
        result.missingOptional.add("DataWritersStatsEngine.logUserEnd");
        run.classLoaded(Patches.ENGINE, result, "3.16.0");
        run.classNotPatched(Patches.PARAMETERS, new RuntimeException("x"));
        run.components(new Object());
        assertEquals(1, reported("patched: DataWritersStatsEngine.logResponse; Gatling 3.16.0").size());
        assertEquals(1, reported("\"warning\",\"text\":\"Gatling 3.16.0 has no DataWritersStatsEngine.logUserEnd").size());
        assertEquals(1, reported("failed to patch " + Patches.PARAMETERS).size());
    }

    private List<String> reported(String part) throws IOException {
        Path file = dir.resolve("report");
        return Files.exists(file)
                ? Files.readAllLines(file).stream().filter(l -> l.contains(part)).collect(Collectors.toList())
                : List.of();
    }

    private List<String> sent(String beginning) throws IOException {
        run.end();
        StringBuilder text = new StringBuilder();
        DatagramPacket packet = new DatagramPacket(new byte[65_507], 65_507);
        // On loopback a datagram is in the receiver's buffer when send returns: this only ends the loop.
        receiver.setSoTimeout(50);
        try {
            while (true) {
                packet.setLength(65_507);
                receiver.receive(packet);
                text.append(new String(packet.getData(), 0, packet.getLength(), StandardCharsets.UTF_8));
            }
        } catch (SocketTimeoutException e) {
            return text.toString().lines().filter(l -> l.startsWith(beginning)).collect(Collectors.toList());
        }
    }
}
