package io.gridnode.sump;

import static io.gridnode.sump.Receiver.samplesOf;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Over a real socket on loopback. */
class SourceTest {
    private static final Log SILENT = new Report(null);

    @TempDir
    Path dir;

    private Receiver receiver;
    private LineWriter lines;
    private SumpSender sender;
    private Source source;

    @BeforeEach
    void open() throws IOException {
        receiver = new Receiver();
        lines = new LineWriter("7", "s1");
        sender = new SumpSender(lines, receiver.address(), receiver.port(), SILENT);
        source = new Source(lines, sender, "s1", dir, () -> new UserCounts(1, 3, 2), SILENT);
    }

    @AfterEach
    void close() {
        sender.close();
        receiver.close();
    }

    @Test
    void everyDatagramEndsWithTheLedgerAndFitsItsLimit() throws IOException {
        for (int i = 0; i < 1_500; i++) {
            send("label " + i);
        }
        sender.flush();
        List<String> datagrams = received();
        assertTrue(datagrams.size() > 1);
        long samples = 0;
        for (int i = 0; i < datagrams.size(); i++) {
            String datagram = datagrams.get(i);
            assertTrue(datagram.length() <= SumpSender.DATAGRAM_BYTES_MAX);
            samples += samplesOf(List.of(datagram)).size();
            assertTrue(datagram.endsWith(
                    "ledger,flood=7,source=s1 seq=" + (i + 1) + "i,samples=" + samples + "i,truncated=0i\n"), datagram);
        }
        assertEquals(1_500, samples);
    }

    @Test
    void nothingGatheredMeansNothingSent() throws IOException {
        sender.flush();
        assertEquals(List.of(), received());
    }

    @Test
    void theEndIsSaidThreeTimesAndWrittenOnce() throws IOException {
        send("last");
        source.end();
        source.end();
        List<String> datagrams = received();
        String closing = "ledger,flood=7,source=s1 seq=2i,samples=1i,truncated=0i,final=t\n";
        assertEquals(List.of(closing, closing, closing), datagrams.subList(1, datagrams.size()));
        assertEquals(List.of("label=last"), labels(datagrams));
        assertTrue(datagrams.get(0).contains("users,flood=7,source=s1 active=1i,started=3i,finished=2i "));
        assertEquals(closing, Files.readString(dir.resolve("s1.final")));
        try (var files = Files.list(dir)) {
            assertEquals(1, files.count(), "no temporary file stays");
        }
    }

    @Test
    void whatComesAfterTheEndIsNeitherSentNorCounted() throws IOException {
        source.end();
        received();
        send("late");
        sender.flush();
        assertNull(sender.close());
        assertEquals(List.of(), received());
        assertTrue(sender.summary().startsWith("samples=0 "), sender.summary());
    }

    @Test
    void aLineThatIsTooLongIsRefusedAndOnlyCountedAsTruncated() throws IOException {
        LineBuffer line = new LineBuffer();
        line.append(new byte[SumpSender.DATAGRAM_BYTES_MAX]);
        assertEquals(SumpSender.Outcome.TOO_LONG, sender.sample(line));
        sender.countTruncated();
        source.end();
        assertTrue(received().get(1).contains(" seq=2i,samples=0i,truncated=1i,final=t"));
    }

    @Test
    void aLongErrorIsWhatGoesFirst() {
        Sample sample = LineWriterTest.sample("x", 1, false);
        sample.error = "e".repeat(500);
        LineBuffer line = new LineBuffer();
        int errorFrom = lines.sample(line, sample, System.currentTimeMillis());
        int full = line.length();
        lines.withoutError(line, errorFrom, sample, System.currentTimeMillis());
        assertEquals(full - 500 - ",error=\"\"".length(), line.length());
        assertTrue(line.toString().endsWith("000000\n"));
    }

    @Test
    void manyThreadsLoseNothing() throws Exception {
        List<Thread> threads = new ArrayList<>();
        for (int t = 0; t < 8; t++) {
            String label = "thread" + t;
            threads.add(new Thread(() -> {
                for (int i = 0; i < 100; i++) {
                    send(label);
                }
                // As StopTestNow does it: it must not close the socket under the others.
                Thread.currentThread().interrupt();
                sender.flush();
            }));
        }
        threads.forEach(Thread::start);
        for (Thread thread : threads) {
            thread.join();
        }
        source.end();
        List<String> datagrams = received();
        assertEquals(800, samplesOf(datagrams).size());
        assertTrue(datagrams.get(datagrams.size() - 1).contains("samples=800i"));
    }

    private void send(String label) {
        source.send(LineWriterTest.sample(label, 5, true));
    }

    private List<String> received() throws IOException {
        return receiver.received();
    }

    private static List<String> labels(List<String> datagrams) {
        return samplesOf(datagrams).stream().map(SourceTest::label).collect(Collectors.toList());
    }

    private static String label(String line) {
        return line.substring(line.indexOf("label="), line.indexOf(' '));
    }
}
