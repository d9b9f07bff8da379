package io.gridnode.gatling;

import io.gatling.core.session.Session;
import io.gatling.http.response.HttpResult;
import io.gridnode.sump.Sample;
import io.gridnode.sump.trace.Body;
import io.gridnode.sump.trace.Trace;
import io.gridnode.sump.trace.Traces;
import scala.collection.immutable.List;

/**
 * What of a response goes into its error trace: copied at once, in the thread that logs it, for Gatling's buffers are used again.
 *
 * <p>What logs a response of HTTP first has the request and the answer, then the sample's values, on the same thread. Of
 * WebSocket, SSE and other protocols there are the latter alone.
 */
final class Capture {
    /** From here on the answer is hardly what was wanted. */
    private static final int STATUS_FAILED_MIN = 400;

    private final Traces traces;
    private final ThreadLocal<Logged> logged = ThreadLocal.withInitial(Logged::new);

    /** A response of HTTP that is about to be logged, should it be worth a trace. */
    private static final class Logged {
        Session session;
        HttpResult result;
    }

    Capture(Traces traces) {
        this.traces = traces;
    }

    /** A response of HTTP. Most cost one comparison. */
    void http(Session session, boolean ok, HttpResult result) {
        if (!ok || traces.showsSlow() && traces.isSlow(result.endTimestamp() - result.startTimestamp())) {
            Logged next = logged.get();
            next.session = session;
            next.result = result;
        }
    }

    /** A response whose line was sent, with that line's values. Most cost one comparison. */
    void response(Sample sample, List<String> groups, String name, long startMs) {
        if (sample.ok && !traces.isSlow(sample.rtMs)) {
            return;
        }
        Logged http = logged.get();
        Session session = http.session;
        HttpResult result = http.result;
        http.session = null;
        http.result = null;
        String label = Label.text(groups, name);
        Trace trace = sample.ok
                ? traces.slow(label, sample.code, sample.endMs)
                : traces.failed(label, sample.code, sample.error, sample.endMs);
        if (trace == null) {
            return;
        }
        try {
            trace.startMs = startMs;
            trace.rtUs = sample.rtMs * 1_000;
            if (result != null && result.startTimestamp() == startMs && result.endTimestamp() == sample.endMs) {
                trace.thread = session.scenario() + " " + session.userId();
                HttpPart.fill(trace, result, sample.error);
            }
        } catch (Exception | LinkageError e) {
            // Bodies and signatures are a simulation's own code, too.
            traces.unreadable(trace);
            return;
        }
        traces.write(trace);
    }

    /**
     * Whether Gatling, which has no use for it, shall keep a part of an answer's body until the answer is logged. Most cost a
     * few comparisons.
     *
     * @param before bytes that came before this part
     */
    boolean keepsBody(int status, int before) {
        return (status >= STATUS_FAILED_MIN || traces.showsSlow()) && before < Body.BYTES_MAX;
    }
}
