package io.gridnode.sump;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A source that gathers nothing. */
class OpenSourceTest {
    private static final Log SILENT = new Report(null);

    @TempDir
    Path dir;

    private final Map<String, String> environment = new HashMap<>();
    private Receiver receiver;
    private Source source;

    @BeforeEach
    void open() throws IOException {
        receiver = new Receiver();
        environment.put("FLOOD_SEQUENCE_ID", "7");
        environment.put("FLOOD_SUMP_PORT", Integer.toString(receiver.port()));
        environment.put("GRIDNODE_TRACE_DIR", dir.toString());
        source = Source.open(settings(), SILENT);
    }

    @AfterEach
    void close() {
        source.end();
        receiver.close();
    }

    @Test
    void itIsSilentUntilItSaysHelloAndSaysItOnce() throws IOException {
        assertEquals(List.of(), receiver.received());
        source.hello();
        source.hello();
        assertEquals(List.of(ledger(1, 0)), receiver.received());
        source.end();
        receiver.received();
        source.hello();
        assertEquals(List.of(), receiver.received());
    }

    @Test
    void everySampleLeavesAtOnceWithItsAccount() throws IOException {
        for (int i = 1; i <= 3; i++) {
            source.send(LineWriterTest.sample("x", 5, true));
            List<String> datagrams = receiver.received();
            assertEquals(1, datagrams.size());
            String datagram = datagrams.get(0);
            assertTrue(datagram.matches("sample,flood=7,label=x rt=5,ok=t [0-9]+\\n\\Q" + ledger(i, i) + "\\E"), datagram);
        }
        source.hello();
        assertEquals(List.of(), receiver.received());
    }

    @Test
    void theEndIsAllThatIsLeftToSayAndThereAreNoUsers() throws IOException {
        source.send(LineWriterTest.sample("x", 5, true));
        receiver.received();
        source.end();
        String closing = ledger(2, 1).replace("\n", ",final=t\n");
        assertEquals(List.of(closing, closing, closing), receiver.received());
        assertEquals(closing, Files.readString(dir.resolve(source.name() + ".final")));
        source.send(LineWriterTest.sample("late", 5, true));
        assertEquals(List.of(), receiver.received());
    }

    @Test
    void manyThreadsLoseNothing() throws Exception {
        Thread[] threads = new Thread[4];
        for (int t = 0; t < threads.length; t++) {
            threads[t] = new Thread(() -> {
                for (int i = 0; i < 50; i++) {
                    source.send(LineWriterTest.sample("x", 5, true));
                }
            });
            threads[t].start();
        }
        for (Thread thread : threads) {
            thread.join();
        }
        List<String> datagrams = receiver.received();
        assertEquals(200, Receiver.samplesOf(datagrams).size());
        assertTrue(datagrams.get(datagrams.size() - 1).contains("samples=200i"));
    }

    @Test
    void whatCannotWorkIsSaidAtOnce() {
        environment.put("FLOOD_SEQUENCE_ID", "7".repeat(SumpSender.DATAGRAM_BYTES_MAX));
        assertThrows(IllegalArgumentException.class, () -> Source.open(settings(), SILENT));
        environment.put("FLOOD_SEQUENCE_ID", "7");
        environment.put("FLOOD_SUMP_HOST", "no such host");
        assertThrows(UnknownHostException.class, () -> Source.open(settings(), SILENT));
    }

    private Settings settings() {
        return Settings.read(name -> null, environment::get);
    }

    private String ledger(int seq, int samples) {
        return "ledger,flood=7,source=" + source.name() + " seq=" + seq + "i,samples=" + samples + "i,truncated=0i\n";
    }
}
