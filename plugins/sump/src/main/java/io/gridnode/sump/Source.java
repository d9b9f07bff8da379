package io.gridnode.sump;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.SecureRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * One run of a tool as a source of lines: from the first datagram to the closing one. Thread safe.
 *
 * <p>With {@link #start} samples gather in large datagrams: a thread of its own flushes every {@value #FLUSH_MS} ms and says
 * twice a second how many users run. With {@link #open} each sample leaves at once. The end comes by {@link #end} or, when the
 * JVM ends, by a shutdown hook.
 */
public final class Source {
    static final long FLUSH_MS = 100;
    /** Twice as often as the once a second that receivers count on: each sleep is a little longer than asked for. */
    private static final int FLUSHES_PER_USERS_LINE = 5;
    /** The flush of each half second that says it: early, so that a run of less than a second has users, too. */
    private static final int USERS_LINE_FLUSH = 3;

    private final LineWriter lines;
    private final SumpSender sender;
    private final String source;
    private final Path finalDir;
    private final Supplier<UserCounts> users;
    private final Log log;
    private final Thread flusher = new Thread(this::flushUntilInterrupted, "gridnode-flush");
    private final Thread hook = new Thread(this::finish, "gridnode-shutdown");

    /** Without its thread and its hook, as the tests drive it. Without users nothing gathers. */
    Source(LineWriter lines, SumpSender sender, String source, Path finalDir, Supplier<UserCounts> users, Log log) {
        this.lines = lines;
        this.sender = sender;
        this.source = source;
        this.finalDir = finalDir;
        this.users = users;
        this.log = log;
    }

    /**
     * Sends the first datagram at once: it tells the agent that the plug-in is alive.
     *
     * @param users asked twice a second and once at the end, by other threads than the caller's
     * @throws IOException when the host is unknown or no socket can be opened
     */
    public static Source start(Settings settings, Supplier<UserCounts> users, Log log) throws IOException {
        Source source = of(settings, users, log);
        source.flush(true);
        source.flusher.setDaemon(true);
        source.flusher.start();
        source.endWithTheJvm(settings);
        return source;
    }

    /**
     * For tools that finish a few samples a second, whose users somebody else counts: nothing would be gained by gathering, and a
     * JVM that is killed has lost none. Sends nothing before {@link #hello} or a sample.
     *
     * @throws IOException when the host is unknown or no socket can be opened
     */
    public static Source open(Settings settings, Log log) throws IOException {
        Source source = of(settings, null, log);
        source.endWithTheJvm(settings);
        return source;
    }

    /** Unique: the ledger's tag and the closing file's name. */
    public String name() {
        return source;
    }

    /** Says that the plug-in is alive, unless a datagram has said so before. */
    public void hello() {
        sender.hello();
    }

    /**
     * Takes one finished sample, which the caller may use again. Where its line is too long the error text goes; where it still
     * is, it counts as truncated.
     */
    public void send(Sample sample) {
        sender.sample(sample);
        if (users == null) {
            sender.flush();
        }
    }

    /** A finished sample of which nothing can be sent: it counts as truncated, and the first of them is a warning. */
    public void unreadable(Throwable e) {
        sender.unreadable(e);
    }

    /** The run has ended: every sample was handed over. What comes later is not sent. */
    public void end() {
        finish();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // The JVM is shutting down already; the hook finds nothing left to do.
        }
    }

    /** One `users` line into the current datagram. */
    void users() {
        LineBuffer line = new LineBuffer();
        lines.users(line, users.get(), System.currentTimeMillis());
        sender.line(line);
    }

    private static Source of(Settings settings, Supplier<UserCounts> users, Log log) throws IOException {
        String name = ProcessHandle.current().pid() + "-" + Long.toHexString(new SecureRandom().nextLong());
        LineWriter lines = new LineWriter(settings.flood, name, System::currentTimeMillis);
        InetAddress host = InetAddress.getByName(settings.sumpHost);
        SumpSender sender = new SumpSender(lines, host, settings.sumpPort, log);
        return new Source(lines, sender, name, settings.finalDir, users, log);
    }

    private void endWithTheJvm(Settings settings) {
        Runtime.getRuntime().addShutdownHook(hook);
        log.info("gridnode sends results of flood " + settings.flood + " to " + settings.sumpHost + ":" + settings.sumpPort
                + " as source " + source);
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
            try {
                flush(flushes % FLUSHES_PER_USERS_LINE == USERS_LINE_FLUSH);
            } catch (RuntimeException | VirtualMachineError e) {
                // The next one may succeed. Without this thread samples would wait until a datagram is full.
            }
        }
    }

    private void flush(boolean withUsers) {
        if (withUsers) {
            users();
        }
        sender.flush();
    }

    /** Runs once, whoever comes first; the second waits for the first, so that the JVM does not halt in between. */
    private synchronized void finish() {
        if (users != null) {
            users();
        }
        String closing = sender.close();
        if (closing == null) {
            return;
        }
        flusher.interrupt();
        if (finalDir != null) {
            writeFinal(closing);
        }
        log.info("gridnode has closed its account: " + sender.summary());
    }

    /** The closing line once more, for a receiver that lost all copies of it. */
    private void writeFinal(String closing) {
        Path target = finalDir.resolve(source + ".final");
        Path temporary = finalDir.resolve("." + source + ".final.tmp");
        try {
            Files.write(temporary, (closing + "\n").getBytes(StandardCharsets.UTF_8));
            Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            log.warn("failed to write " + target + ": " + e);
        }
    }
}
