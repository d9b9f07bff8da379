package io.gridnode.jmeter;

import io.gridnode.sump.Sample;
import io.gridnode.sump.trace.Body;
import io.gridnode.sump.trace.Exchange;
import io.gridnode.sump.trace.Trace;
import io.gridnode.sump.trace.Traces;
import org.apache.jmeter.assertions.AssertionResult;
import org.apache.jmeter.samplers.SampleResult;

/** What of a JMeter result goes into its error trace: copied at once, in the sampler's thread. */
final class Capture {
    private final Traces traces;
    private final AnswerSize size = new AnswerSize();

    Capture(Traces traces) {
        this.traces = traces;
    }

    /** A request whose line was sent, with that line's values. Most cost one comparison. */
    void sample(Sample sample, SampleResult result) {
        if (sample.ok && !traces.isSlow(sample.rtMs)) {
            return;
        }
        Trace trace = sample.ok
                ? traces.slow(result.getSampleLabel(), sample.code, sample.endMs)
                : traces.failed(result.getSampleLabel(), sample.code, sample.error, sample.endMs);
        if (trace == null) {
            return;
        }
        try {
            fill(trace, sample, result);
        } catch (RuntimeException e) {
            // Results are classes of JMeter's plug-ins, too.
            traces.unreadable(trace);
            return;
        }
        traces.write(trace);
    }

    private void fill(Trace trace, Sample sample, SampleResult result) {
        trace.startMs = result.getStartTime() > 0 ? result.getStartTime() : sample.endMs;
        trace.rtUs = sample.rtMs * 1_000;
        trace.thread = result.getThreadName();
        for (AssertionResult assertion : result.getAssertionResults()) {
            if (assertion.isFailure() || assertion.isError()) {
                trace.assertion(assertion.getName(), assertion.getFailureMessage());
            }
        }
        Requests requests = Requests.of(result);
        exchange(trace.exchange, requests.own(), Body.BYTES_MAX);
        for (SampleResult request : requests.others()) {
            Exchange step = trace.step();
            if (step != null) {
                exchange(step, request, Trace.STEP_BODY_BYTES_MAX);
            }
        }
    }

    private void exchange(Exchange exchange, SampleResult result, int bodyBytesMax) {
        boolean http = HttpPart.isHttp(result);
        exchange.url = result.getURL() == null ? null : result.getUrlAsString();
        HttpPart.headers(result.getRequestHeaders(), exchange::requestHeader);
        if (http) {
            exchange.method = HttpPart.method(result);
            String cookies = HttpPart.cookies(result);
            if (cookies != null && !cookies.isEmpty() && exchange.requestHeader("Cookie") == null) {
                exchange.requestHeader("Cookie", cookies);
            }
        }
        String sent = http ? HttpPart.body(result) : result.getSamplerData();
        exchange.requestBody = Body.of(sent, exchange.requestHeader("Content-Type"), bodyBytesMax);
        exchange.status = HttpPart.status(result);
        exchange.message = result.getResponseMessage();
        HttpPart.headers(result.getResponseHeaders(), exchange::responseHeader);
        // Where nothing was answered, JMeter has its own stack trace there.
        if (!http || exchange.status > 0) {
            exchange.responseBody = Body.of(result.getResponseData(), size.of(result), result.getContentType(), bodyBytesMax);
        }
    }
}
