package io.gridnode.sump;

import static io.gridnode.sump.Receiver.samplesOf;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
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
        lines = new LineWriter("7", "s1", System::currentTimeMillis);
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
        assertEquals(1_500, accountedFor(datagrams));
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
    void whatIsTooLongLosesItsErrorOrIsCountedAsTruncated() throws IOException {
        // Leaves some 200 bytes of a datagram to a sample's own.
        LineWriter wide = new LineWriter("f".repeat(16_200), "s1", System::currentTimeMillis);
        SumpSender narrow = new SumpSender(wide, receiver.address(), receiver.port(), SILENT);
        Sample shortened = LineWriterTest.sample("failed", 1, false);
        shortened.error = "e".repeat(500);
        narrow.sample(shortened);
        narrow.sample(LineWriterTest.sample("x".repeat(300), 1, true));
        narrow.close();
        List<String> datagrams = received();
        List<String> samples = samplesOf(datagrams);
        assertEquals(1, samples.size());
        assertTrue(samples.get(0).contains(",label=failed rt=1,ok=f 1"), samples.get(0));
        assertTrue(datagrams.get(0).endsWith(" seq=1i,samples=1i,truncated=1i\n"));
        assertTrue(datagrams.get(1).endsWith(" seq=2i,samples=1i,truncated=1i,final=t\n"));
    }

    @Test
    void aSampleThatCannotBeWrittenIsCountedAndTheOthersAreSent() throws IOException {
        LineWriter failing = new LineWriter("7", "s1", System::currentTimeMillis) {
            @Override
            int sample(LineBuffer out, Remembered last, Sample sample) {
                if (sample.label.startsWith("bad")) {
                    out.appendAscii("half a line");
                    throw new StackOverflowError("the tool's own calls are deep");
                }
                return super.sample(out, last, sample);
            }
        };
        Log deep = new Log() {
            @Override
            public void info(String text) {}

            @Override
            public void warn(String text) {
                throw new StackOverflowError("and the log's are deeper");
            }
        };
        SumpSender some = new SumpSender(failing, receiver.address(), receiver.port(), deep);
        for (String label : new String[] {"before", "bad 1", "bad 2", "after"}) {
            some.sample(LineWriterTest.sample(label, 1, true));
        }
        some.unreadable(new IllegalStateException("a getter of the tool's"));
        some.close();
        List<String> datagrams = received();
        assertEquals(List.of("label=before", "label=after"), labels(datagrams));
        assertTrue(datagrams.get(0).endsWith(" seq=1i,samples=2i,truncated=3i\n"), datagrams.get(0));
    }

    @Test
    void whatASampleHasIsInItsLine() throws IOException {
        StringBuilder expected = new StringBuilder();
        for (int i = 0; i < 500; i++) {
            Sample sample = LineWriterTest.sample("label " + i, i, i % 2 == 0);
            sample.setRtUs(1_000L * i + i % 1_000);
            sample.endMs = System.currentTimeMillis();
            sample.code = i % 3 == 0 ? null : Integer.toString(i);
            sample.setLatencyUs(i % 4 == 0 ? -1 : 7L * i);
            sample.setConnectUs(i % 5 == 0 ? -1 : 999L * i);
            sample.rxBytes = i % 6 == 0 ? -1 : Long.MAX_VALUE - i;
            sample.txBytes = i % 7 == 0 ? -1 : i;
            sample.transaction = i % 8 == 0;
            sample.error = i % 9 == 0 ? "wrong " + i : null;
            sample.head = i % 10 == 0 ? new LineHead("7").of("encoded " + i) : null;
            LineBuffer line = new LineBuffer();
            lines.sample(line, new LineWriter.Remembered(), sample);
            expected.append(line);
            source.send(sample);
        }
        sender.flush();
        assertEquals(expected.toString(), String.join("\n", samplesOf(received())) + "\n");
    }

    @Test
    void aSampleMayBeUsedAgainAtOnce() throws IOException {
        Sample sample = LineWriterTest.sample("first", 1, true);
        source.send(sample);
        sample.clear().label = "second";
        source.send(sample);
        sender.flush();
        assertEquals(List.of("label=first", "label=second"), labels(received()));
    }

    @Test
    void manyThreadsLoseNothing() throws Exception {
        List<Thread> threads = new ArrayList<>();
        for (int t = 0; t < 8; t++) {
            String label = "thread" + t;
            threads.add(new Thread(() -> {
                for (int i = 0; i < 200; i++) {
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
        sender.flush();
        assertEquals(1_600, accountedFor(received()));
    }

    @Test
    void aThreadThatIsHeldUpHoldsUpNoOther() throws Exception {
        CountDownLatch isHeldUp = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        Log slow = new Log() {
            @Override
            public void info(String text) {}

            @Override
            public void warn(String text) {
                isHeldUp.countDown();
                try {
                    goOn.await();
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            }
        };
        // Nothing can be sent to port 0: the first send comes to the log.
        SumpSender toNowhere = new SumpSender(lines, receiver.address(), 0, slow);
        toNowhere.sample(LineWriterTest.sample("x", 1, true));
        Thread heldUp = new Thread(toNowhere::flush);
        heldUp.start();
        isHeldUp.await();
        Thread other = new Thread(() -> toNowhere.sample(LineWriterTest.sample("y", 1, true)));
        other.start();
        other.join(5_000);
        assertFalse(other.isAlive());
        goOn.countDown();
        heldUp.join();
        toNowhere.close();
        assertTrue(toNowhere.summary().startsWith("samples=2 datagrams=3 "), toNowhere.summary());
    }

    private void send(String label) {
        source.send(LineWriterTest.sample(label, 5, true));
    }

    /** How many samples there are, after a look at the account in each datagram. */
    private static long accountedFor(List<String> datagrams) {
        long samples = 0;
        for (int i = 0; i < datagrams.size(); i++) {
            String datagram = datagrams.get(i);
            assertTrue(datagram.length() <= SumpSender.DATAGRAM_BYTES_MAX);
            samples += samplesOf(List.of(datagram)).size();
            assertTrue(datagram.endsWith(
                    "ledger,flood=7,source=s1 seq=" + (i + 1) + "i,samples=" + samples + "i,truncated=0i\n"), datagram);
        }
        return samples;
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
