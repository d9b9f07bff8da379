package io.gridnode.jmeter;

import io.gridnode.sump.LineHead;
import io.gridnode.sump.LineHeadCache;
import io.gridnode.sump.Log;
import io.gridnode.sump.Sample;
import io.gridnode.sump.Settings;
import io.gridnode.sump.Source;
import io.gridnode.sump.StopFile;
import io.gridnode.sump.StopWatch;
import io.gridnode.sump.UserCounts;
import io.gridnode.sump.trace.Traces;
import java.io.IOException;
import org.apache.jmeter.assertions.AssertionResult;
import org.apache.jmeter.control.TransactionController;
import org.apache.jmeter.samplers.SampleEvent;
import org.apache.jmeter.samplers.SampleResult;
import org.apache.jmeter.samplers.Sampler;
import org.apache.jmeter.threads.JMeterContext;
import org.apache.jmeter.threads.JMeterContextService;
import org.apache.jorphan.collections.HashTree;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One run of a test plan: what of JMeter's samples goes into a {@link Sample}. */
final class Run {
    private static final Logger LOG = LoggerFactory.getLogger(Run.class);
    /** Before an exception's class and its words, where there was no answer. */
    private static final String EXCEPTION = "Non HTTP response code: ";
    private static final String WORDS = "Non HTTP response message: ";
    /** JMeter's own way to know a result again: each of its files marks what it has written. No file has this name. */
    private static final String MARK = "gridnode's listener";
    /** As deep as JMeter's own file goes: a result that has itself within it must not be the end of its thread. */
    private static final int DEPTH_MAX = 10;
    /** Of all the pauses in one transaction. */
    private static final long ROUNDED_MS = 100;
    private static final SampleResult[] NO_RESULTS = {};

    private final Source source;
    /** Null when there are none. */
    private final Traces traces;
    private final Capture capture;
    private final Stop stop;
    private final StopWatch stopWatch;
    private final LineHeadCache heads;
    private final ThreadLocal<Sample> threads = ThreadLocal.withInitial(Sample::new);
    private final ThreadLocal<Loops> loops = new ThreadLocal<>();
    private final Renewing renewing = new Renewing();
    private final Jumps jumps = new Jumps();
    private final ThreadLocal<Jumps.User> jumping = new ThreadLocal<>();
    private final Unresolved unresolved = new Unresolved();
    /** The last sample, where it has failed: what comes after this listener may yet set on it that it ends its user. */
    private final ThreadLocal<SampleResult> failed = new ThreadLocal<>();

    private Run(Settings settings, Source source, Traces traces, Stop stop, StopWatch stopWatch) {
        this.heads = new LineHeadCache(new LineHead(settings.flood));
        this.source = source;
        this.traces = traces;
        this.capture = traces == null ? null : new Capture(traces);
        this.stop = stop;
        this.stopWatch = stopWatch;
    }

    static Run start(Settings settings, StopFile stopFile) throws IOException {
        Log log = new JMeterLog();
        Stop stop = new Stop();
        Source source = Source.start(settings, Run::users, log);
        Traces traces = Traces.start(settings, source.name(), log);
        Run run = new Run(settings, source, traces, stop, new StopWatch(stopFile, stop, log));
        run.stopWatch.start();
        return run;
    }

    /** Called on each thread of the test before its first sample. */
    void threadStarted() {
        stop.threadStarted();
        JMeterContext context = JMeterContextService.getContext();
        renewing.threadStarted(context);
        loops.set(Loops.of(context));
        HashTree tree = Loops.treeOf(context.getThread());
        jumping.set(jumps.threadStarted(context, tree));
        unresolved.threadStarted(context.getThreadGroup(), tree);
    }

    /** Called on each thread of the test after its last sample. */
    void threadFinished() {
        StoppedByFailure.tell(failed.get());
        failed.remove();
        Loops own = loops.get();
        if (own != null) {
            own.tell();
            loops.remove();
        }
        Jumps.User user = jumping.get();
        if (user != null) {
            jumps.threadFinished(user);
        }
        jumping.remove();
    }

    /** Called on each thread of the test when a sampler's timers are asked how long to wait. */
    void delaying() {
        Jumps.User user = jumping.get();
        if (user != null) {
            user.delaying(JMeterContextService.getContext().getCurrentSampler());
        }
        Loops own = loops.get();
        if (own != null) {
            own.delaying();
        }
    }

    /** Called on each thread of the test when it has waited. */
    void sampling(Sampler sampler) {
        Jumps.User user = jumping.get();
        if (user != null) {
            user.sampling(sampler);
        }
        Loops own = loops.get();
        if (own != null) {
            own.sampling();
        }
        unresolved.sampling();
    }

    /** The test has ended: every sample was handed over. (On SIGTERM JMeter does not end the test; the source's hook does.) */
    void end() {
        stopWatch.end();
        jumps.tell();
        unresolved.tell();
        source.end();
        if (traces != null) {
            traces.end();
        }
    }

    /**
     * A finished sample, and the results within it: what JMeter's own result file (CSV, as it comes) has rows for.
     *
     * <ul>
     *   <li>Each result counts once, however often JMeter announces it, as it is the first time: so does the file.
     *   <li>A transaction is a transaction controller's result (cut short or not), and any other that has results within it
     *       which count: its times cover theirs. That is how parallel controllers and scripts hand over what they did.
     *   <li>A request is every other result, at any depth down to that of the file.
     *   <li>Neither are the hops of a redirect and embedded resources: HTTP results within an HTTP result are parts of their
     *       request. Here alone the file has more rows.
     * </ul>
     */
    void sample(SampleEvent event) {
        SampleResult result = event.getResult();
        if (result.markFile(MARK)) {
            return;
        }
        boolean transaction = event.isTransactionSampleEvent()
                || TransactionController.isFromTransactionController(result)
                || CutShort.isTransaction(result);
        sendWithin(threads.get(), result, transaction, 0);
        failed.set(result.isSuccessful() ? null : result);
        unresolved.forget();
        Jumps.User user = jumping.get();
        if (user != null) {
            user.sampled(result);
        }
        Loops own = loops.get();
        if (own != null) {
            own.sampled(JMeterContextService.getContext().getCurrentSampler());
        }
    }

    private void sendWithin(Sample own, SampleResult result, boolean transaction, int depth) {
        boolean within = false;
        if (depth <= DEPTH_MAX) {
            for (SampleResult child : childrenOf(result)) {
                if (!HttpPart.isPart(child, result)) {
                    within = true;
                    sendWithin(own, child, TransactionController.isFromTransactionController(child)
                            || transaction && CutShort.isTransactionWithin(child), depth + 1);
                }
            }
        }
        send(own, result, transaction || within);
    }

    private SampleResult[] childrenOf(SampleResult result) {
        try {
            return result.getSubResults();
        } catch (RuntimeException e) {
            source.unreadable(e);
            return NO_RESULTS;
        }
    }

    /** Results are classes of JMeter's plug-ins, too: what one of them throws must not cost the samples around it. */
    private void send(Sample sample, SampleResult result, boolean transaction) {
        try {
            fill(sample, result, transaction);
            if (!transaction) {
                unresolved.sampled(result, childrenOf(result));
            }
        } catch (RuntimeException e) {
            source.unreadable(e);
            return;
        }
        source.send(sample);
        if (capture != null && !transaction) {
            capture.sample(sample, result);
        }
    }

    /** All fields but those that stay as {@link Sample#clear} left them. */
    void fill(Sample sample, SampleResult result, boolean transaction) {
        sample.head = heads.of(result.getSampleLabel());
        sample.rtMs = timeOf(result);
        sample.ok = result.isSuccessful();
        sample.code = result.getResponseCode();
        sample.latencyMs = isLatencyMeasured(result) ? result.getLatency() : -1;
        // A reused connection has 0 as well: "not measured" is the truthful reading for nearly all of them.
        sample.connectMs = result.getConnectTime() > 0 ? result.getConnectTime() : -1;
        sample.rxBytes = result.getBytesAsLong();
        sample.txBytes = result.getSentBytes();
        sample.transaction = transaction;
        sample.error = sample.ok ? null : errorText(result, transaction);
        sample.endMs = endOf(result);
    }

    /** Samplers that give up at once set no times: then it is now. */
    private static long endOf(SampleResult result) {
        long ms = Math.max(result.getEndTime(), result.getStartTime());
        return ms > 0 ? ms : System.currentTimeMillis();
    }

    /**
     * Never a little below zero: of a transaction JMeter takes away each pause in it, and those are rounded. What is far below is
     * a clock that was set back, and nobody knows how long that took.
     */
    private static long timeOf(SampleResult result) {
        long ms = result.getTime();
        return ms < 0 && ms >= -ROUNDED_MS ? 0 : ms;
    }

    /** JMeter's 0 means both "at once" and "no such thing": a URL and a numeric code tell them apart. */
    private static boolean isLatencyMeasured(SampleResult result) {
        if (result.getLatency() > 0) {
            return true;
        }
        String code = result.getResponseCode();
        return result.getURL() != null && code != null && code.length() == 3 && Character.isDigit(code.charAt(0));
    }

    /** Where nothing was answered, that is why: what the plan's assertions say of it is true and no help. */
    private String errorText(SampleResult result, boolean transaction) {
        if (isUnanswered(result)) {
            return named(result.getResponseCode(), result.getResponseMessage());
        }
        for (AssertionResult assertion : result.getAssertionResults()) {
            if (assertion.isFailure() || assertion.isError()) {
                String message = assertion.getFailureMessage();
                return message == null || message.isEmpty() ? assertion.getName() : message;
            }
        }
        String message = result.getResponseMessage();
        if (message != null && !message.isEmpty()) {
            return message;
        }
        if (transaction) {
            return ofTransaction(result);
        }
        return result.getResponseCode().isEmpty() ? FirstLine.of(result) : message;
    }

    private static boolean isUnanswered(SampleResult result) {
        return result.getResponseCode().startsWith(EXCEPTION);
    }

    /** What JMeter says in two parts where nothing was answered: the exception's class, and its words, which may be a host's name alone. */
    static String named(String code, String message) {
        if (code == null || !code.startsWith(EXCEPTION) || code.indexOf('.') < 0) {
            return message;
        }
        String name = code.substring(Math.max(code.lastIndexOf('.'), code.lastIndexOf(' ')) + 1);
        String words = message == null ? "" : message;
        words = words.startsWith(WORDS) ? words.substring(WORDS.length()) : words;
        if (words.isEmpty()) {
            return name;
        }
        return words.startsWith(name) ? words : name + ": " + words;
    }

    /** In JMeter's words, which it sets when a transaction is done: one that is cut short by a failure has none yet. */
    private String ofTransaction(SampleResult result) {
        int failed = 0;
        SampleResult[] children = childrenOf(result);
        for (SampleResult child : children) {
            failed += child.isSuccessful() ? 0 : 1;
        }
        return "Number of samples in transaction : " + children.length + ", number of failing samples : " + failed;
    }

    private static UserCounts users() {
        JMeterContextService.ThreadCounts counts = JMeterContextService.getThreadCounts();
        return new UserCounts(counts.activeThreads, counts.startedThreads, counts.finishedThreads);
    }

    private static final class JMeterLog implements Log {
        @Override
        public void info(String text) {
            LOG.info("{}", text);
        }

        @Override
        public void warn(String text) {
            LOG.warn("{}", text);
        }
    }
}
