package io.gridnode.jmeter;

import io.gridnode.sump.Sample;
import io.gridnode.sump.trace.Body;
import io.gridnode.sump.trace.Exchange;
import io.gridnode.sump.trace.Trace;
import io.gridnode.sump.trace.Traces;
import java.util.function.BiConsumer;
import org.apache.jmeter.assertions.AssertionResult;
import org.apache.jmeter.samplers.SampleResult;

/** What of a JMeter result goes into its error trace: copied at once, in the sampler's thread. */
final class Capture {
    private final Traces traces;

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

    private static void fill(Trace trace, Sample sample, SampleResult result) {
        trace.startMs = result.getStartTime();
        trace.rtUs = sample.rtMs * 1_000;
        trace.thread = result.getThreadName();
        for (AssertionResult assertion : result.getAssertionResults()) {
            if (assertion.isFailure() || assertion.isError()) {
                trace.assertion(assertion.getName(), assertion.getFailureMessage());
            }
        }
        exchange(trace.exchange, result, Body.BYTES_MAX);
        steps(trace, result);
    }

    private static void steps(Trace trace, SampleResult result) {
        for (SampleResult part : result.getSubResults()) {
            Exchange step = trace.step();
            if (step == null) {
                return;
            }
            exchange(step, part, Trace.STEP_BODY_BYTES_MAX);
            // The embedded resources of a redirect's end are within it.
            steps(trace, part);
        }
    }

    private static void exchange(Exchange exchange, SampleResult result, int bodyBytesMax) {
        boolean http = HttpPart.isHttp(result);
        exchange.url = result.getURL() == null ? null : result.getUrlAsString();
        headers(result.getRequestHeaders(), exchange::requestHeader);
        if (http) {
            exchange.method = HttpPart.method(result);
            String cookies = HttpPart.cookies(result);
            if (cookies != null && !cookies.isEmpty() && exchange.requestHeader("Cookie") == null) {
                exchange.requestHeader("Cookie", cookies);
            }
        }
        String sent = http ? HttpPart.body(result) : result.getSamplerData();
        exchange.requestBody = Body.of(sent, exchange.requestHeader("Content-Type"), bodyBytesMax);
        exchange.status = status(result.getResponseCode());
        exchange.message = result.getResponseMessage();
        headers(result.getResponseHeaders(), exchange::responseHeader);
        // Where nothing was answered, JMeter has its own stack trace there.
        if (!http || exchange.status > 0) {
            // What JMeter has not kept it has counted, together with what is within.
            long total = result.getSubResults().length == 0 ? result.getBodySizeAsLong() : 0;
            exchange.responseBody = Body.of(result.getResponseData(), total, result.getContentType(), bodyBytesMax);
        }
    }

    private static int status(String code) {
        boolean number = code != null && code.length() == 3 && code.chars().allMatch(c -> c >= '0' && c <= '9');
        return number ? Integer.parseInt(code) : 0;
    }

    /** JMeter has them as they came, with the status line before them. */
    private static void headers(String text, BiConsumer<String, String> header) {
        if (text == null) {
            return;
        }
        for (String line : text.split("\r?\n")) {
            int colon = line.indexOf(':');
            if (colon > 0 && line.lastIndexOf(' ', colon) < 0) {
                header.accept(line.substring(0, colon), line.substring(colon + 1).trim());
            }
        }
    }
}
