package io.gridnode.jmeter;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.SecureRandom;
import java.util.concurrent.TimeUnit;
import org.apache.jmeter.control.TransactionController;
import org.apache.jmeter.samplers.SampleEvent;
import org.apache.jmeter.samplers.SampleResult;
import org.apache.jmeter.threads.JMeterContextService;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One run of a test plan as a source of lines: from the first datagram to the closing one.
 *
 * <p>A thread of its own flushes every {@value #FLUSH_MS} ms and says twice a second how many users run. The end comes by
 * {@link #end} or, when the JVM is told to terminate (JMeter does not end the test then), by a shutdown hook.
 */
final class Run {
    static final long FLUSH_MS = 100;
    /** Twice as often as the once a second that receivers count on: each sleep is a little longer than asked for. */
    private static final int FLUSHES_PER_USERS_LINE = 5;
    private static final Logger LOG = LoggerFactory.getLogger(Run.class);

    private final LineWriter lines;
    private final SumpSender sender;
    private final String source;
    private final Path finalDir;
    private final ThreadLocal<LineBuffer> buffers = ThreadLocal.withInitial(LineBuffer::new);
    private final Thread flusher = new Thread(this::flushUntilInterrupted, "gridnode-flush");
    private final Thread hook = new Thread(this::finish, "gridnode-shutdown");

    /** Without its thread and its hook, as the tests drive it. */
    Run(LineWriter lines, SumpSender sender, String source, Path finalDir) {
        this.lines = lines;
        this.sender = sender;
        this.source = source;
        this.finalDir = finalDir;
    }

    /** Sends the first datagram at once: it tells the agent that the plug-in is alive. */
    static Run start(Settings settings) throws IOException {
        String source = ProcessHandle.current().pid() + "-" + Long.toHexString(new SecureRandom().nextLong());
        LineWriter lines = new LineWriter(settings.flood, source);
        InetAddress host = InetAddress.getByName(settings.sumpHost);
        Run run = new Run(lines, new SumpSender(lines, host, settings.sumpPort), source, settings.finalDir);
        run.users();
        run.sender.flush();
        run.flusher.setDaemon(true);
        run.flusher.start();
        Runtime.getRuntime().addShutdownHook(run.hook);
        LOG.info("gridnode sends results of flood {} to {}:{} as source {}", settings.flood, settings.sumpHost,
                settings.sumpPort, source);
        return run;
    }

    /** The test has ended: every sample was handed over. */
    void end() {
        finish();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            LOG.debug("the JVM is shutting down already; the hook finds nothing left to do");
        }
    }

    /** A finished sample and, of a transaction that hides its children in itself, those too, each once. */
    void sample(SampleEvent event) {
        SampleResult result = event.getResult();
        boolean transaction = event.isTransactionSampleEvent() || TransactionController.isFromTransactionController(result);
        sample(result, transaction, System.currentTimeMillis());
    }

    /** One `users` line into the current datagram. */
    void users() {
        JMeterContextService.ThreadCounts counts = JMeterContextService.getThreadCounts();
        LineBuffer line = buffers.get();
        line.clear();
        lines.users(line, counts.activeThreads, counts.startedThreads, counts.finishedThreads, System.currentTimeMillis());
        sender.other(line);
    }

    private void sample(SampleResult result, boolean transaction, long nowMs) {
        if (transaction) {
            for (SampleResult child : result.getSubResults()) {
                sample(child, TransactionController.isFromTransactionController(child), nowMs);
            }
        }
        LineBuffer line = buffers.get();
        line.clear();
        int errorFrom = lines.sample(line, result, transaction, nowMs);
        if (sender.sample(line) == SumpSender.Outcome.TOO_LONG) {
            lines.withoutError(line, errorFrom, result, nowMs);
            if (sender.sample(line) == SumpSender.Outcome.TOO_LONG) {
                sender.countTruncated();
            }
        }
    }

    private void flushUntilInterrupted() {
        int flushes = 0;
        while (!Thread.currentThread().isInterrupted()) {
            try {
                TimeUnit.MILLISECONDS.sleep(FLUSH_MS);
            } catch (InterruptedException e) {
                return;
            }
            flushes++;
            if (flushes % FLUSHES_PER_USERS_LINE == 0) {
                users();
            }
            sender.flush();
        }
    }

    /** Runs once, whoever comes first; the second waits for the first, so that the JVM does not halt in between. */
    private synchronized void finish() {
        users();
        String closing = sender.close();
        if (closing == null) {
            return;
        }
        flusher.interrupt();
        if (finalDir != null) {
            writeFinal(closing);
        }
        LOG.info("gridnode has sent everything: {}", sender.summary());
    }

    /** The closing line once more, for a receiver that lost all copies of it. */
    private void writeFinal(String closing) {
        Path target = finalDir.resolve(source + ".final");
        Path temporary = finalDir.resolve("." + source + ".final.tmp");
        try {
            Files.write(temporary, (closing + "\n").getBytes(StandardCharsets.UTF_8));
            Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            LOG.warn("failed to write {}: {}", target, e.toString());
        }
    }
}
