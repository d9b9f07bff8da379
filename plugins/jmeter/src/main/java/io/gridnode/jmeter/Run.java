package io.gridnode.jmeter;

import io.gridnode.sump.LineHead;
import io.gridnode.sump.LineHeadCache;
import io.gridnode.sump.Log;
import io.gridnode.sump.Sample;
import io.gridnode.sump.Settings;
import io.gridnode.sump.Source;
import io.gridnode.sump.UserCounts;
import java.io.IOException;
import org.apache.jmeter.assertions.AssertionResult;
import org.apache.jmeter.control.TransactionController;
import org.apache.jmeter.samplers.SampleEvent;
import org.apache.jmeter.samplers.SampleResult;
import org.apache.jmeter.threads.JMeterContextService;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One run of a test plan: what of JMeter's samples goes into a {@link Sample}. */
final class Run {
    private static final Logger LOG = LoggerFactory.getLogger(Run.class);

    private final Source source;
    private final LineHeadCache heads;
    private final ThreadLocal<Sample> samples = ThreadLocal.withInitial(Sample::new);

    private Run(Settings settings, Source source) {
        this.heads = new LineHeadCache(new LineHead(settings.flood));
        this.source = source;
    }

    static Run start(Settings settings) throws IOException {
        return new Run(settings, Source.start(settings, Run::users, new JMeterLog()));
    }

    /** The test has ended: every sample was handed over. (On SIGTERM JMeter does not end the test; the source's hook does.) */
    void end() {
        source.end();
    }

    /** A finished sample and, of a transaction that hides its children in itself, those too, each once. */
    void sample(SampleEvent event) {
        SampleResult result = event.getResult();
        boolean transaction = event.isTransactionSampleEvent() || TransactionController.isFromTransactionController(result);
        send(result, transaction);
    }

    private void send(SampleResult result, boolean transaction) {
        if (transaction) {
            for (SampleResult child : result.getSubResults()) {
                send(child, TransactionController.isFromTransactionController(child));
            }
        }
        Sample sample = samples.get();
        fill(sample, result, transaction);
        source.send(sample);
    }

    /** All fields but those that stay as {@link Sample#clear} left them. */
    void fill(Sample sample, SampleResult result, boolean transaction) {
        sample.head = heads.of(result.getSampleLabel());
        sample.rtMs = result.getTime();
        sample.ok = result.isSuccessful();
        sample.code = result.getResponseCode();
        sample.latencyMs = isLatencyMeasured(result) ? result.getLatency() : -1;
        // A reused connection has 0 as well: "not measured" is the truthful reading for nearly all of them.
        sample.connectMs = result.getConnectTime() > 0 ? result.getConnectTime() : -1;
        sample.rxBytes = result.getBytesAsLong();
        sample.txBytes = result.getSentBytes();
        sample.transaction = transaction;
        sample.error = sample.ok ? null : errorText(result);
        sample.endMs = result.getEndTime();
    }

    /** JMeter's 0 means both "at once" and "no such thing": a URL and a numeric code tell them apart. */
    private static boolean isLatencyMeasured(SampleResult result) {
        if (result.getLatency() > 0) {
            return true;
        }
        String code = result.getResponseCode();
        return result.getURL() != null && code != null && code.length() == 3 && Character.isDigit(code.charAt(0));
    }

    private static String errorText(SampleResult result) {
        for (AssertionResult assertion : result.getAssertionResults()) {
            if (assertion.isFailure() || assertion.isError()) {
                String message = assertion.getFailureMessage();
                return message == null || message.isEmpty() ? assertion.getName() : message;
            }
        }
        return result.getResponseMessage();
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
