package io.gridnode.sump.trace;

import io.gridnode.sump.LineHead;
import java.nio.ByteBuffer;
import java.util.Base64;
import java.util.List;

/** A trace as the agent reads it (contract, section 4), without secrets. Not thread safe. */
final class TraceJson {
    /** Without the picture, which is cut nowhere. */
    static final int BYTES_MAX = 1 << 20;

    /** Of requests and responses; these tell which of a system's own records belong to a trace. */
    private static final List<String> CORRELATION = List.of("traceparent", "x-request-id", "x-amzn-trace-id", "server-timing");

    private final String flood;
    private final Redactor redactor;
    private JsonWriter json = new JsonWriter();

    TraceJson(String flood, Redactor redactor) {
        this.flood = flood;
        this.redactor = redactor;
    }

    /** The whole, or where that is too large without its steps, then without most of its bodies; null when it still is. */
    byte[] of(Trace trace) {
        byte[] whole = write(trace, true, Body.BYTES_MAX);
        if (whole.length > BYTES_MAX) {
            whole = write(trace, false, Body.BYTES_MAX);
        }
        if (whole.length > BYTES_MAX) {
            whole = write(trace, false, Trace.STEP_BODY_BYTES_MAX);
        }
        if (whole.length > BYTES_MAX) {
            return null;
        }
        return trace.png == null ? whole : withPicture(whole, trace.png);
    }

    /** As the last member: the closing bracket makes room for it. */
    private static byte[] withPicture(byte[] whole, byte[] png) {
        byte[] key = Span.utf8(",\"screenshot_png_base64\":\"");
        byte[] end = Span.utf8("\"}");
        byte[] picture = Base64.getEncoder().encode(png);
        ByteBuffer all = ByteBuffer.allocate(whole.length - 1 + key.length + picture.length + end.length);
        return all.put(whole, 0, whole.length - 1).put(key).put(picture).put(end).array();
    }

    /**
     * What no trace has told of.
     *
     * @param others of kinds that are forgotten
     * @param lost traces that there should be
     */
    byte[] suppressed(List<TraceCaps.Rest> rest, long others, Lost lost) {
        json = new JsonWriter().open('{');
        json.key("suppressed").open('[');
        for (TraceCaps.Rest one : rest) {
            json.open('{');
            text("label", Trace.cut(one.key.label));
            text("code", one.key.code);
            text("error", one.key.error);
            json.key("count").number(one.count).close('}');
        }
        json.close(']').key("others").number(others);
        lost.write(json);
        return json.close('}').utf8();
    }

    private byte[] write(Trace trace, boolean steps, int bodyBytesMax) {
        json = new JsonWriter().open('{');
        json.key("flood").string(flood);
        json.key("label").string(redactor.text(Trace.cut(trace.key.label)));
        json.key("label_id").string(LineHead.labelId(trace.key.label));
        json.key("time_ns").number(trace.startMs * 1_000_000);
        json.key("rt_ms").ms(trace.rtUs);
        json.key("code").string(redactor.text(trace.key.code));
        text("error", trace.key.error);
        text("thread", trace.thread);
        json.key("why").string(trace.slow ? "slow" : "failed");
        if (trace.suppressed > 0) {
            json.key("suppressed").number(trace.suppressed);
        }
        exchange(trace.exchange, bodyBytesMax);
        assertions(trace.assertions);
        steps(trace, steps ? trace.steps : List.of(), bodyBytesMax);
        correlation(trace.exchange);
        console(trace.console);
        return json.close('}').utf8();
    }

    private void steps(Trace trace, List<Exchange> shown, int bodyBytesMax) {
        if (!shown.isEmpty()) {
            json.key("steps").open('[');
            for (Exchange step : shown) {
                json.open('{');
                exchange(step, bodyBytesMax);
                json.close('}');
            }
            json.close(']');
        }
        int omitted = trace.stepsOmitted + trace.steps.size() - shown.size();
        if (omitted > 0) {
            json.key("steps_omitted").number(omitted);
        }
    }

    private void exchange(Exchange exchange, int bodyBytesMax) {
        unlessEmpty("request", () -> {
            text("method", exchange.method);
            text("url", Trace.cut(exchange.url));
            headers(exchange.requestHeaders);
            body(exchange.requestBody, true, bodyBytesMax);
        });
        unlessEmpty("response", () -> {
            if (exchange.status > 0) {
                json.key("status").number(exchange.status);
            }
            text("message", Trace.cut(exchange.message));
            headers(exchange.responseHeaders);
            body(exchange.responseBody, false, bodyBytesMax);
        });
    }

    private void unlessEmpty(String name, Runnable inside) {
        int before = json.length();
        int empty = json.key(name).open('{').length();
        inside.run();
        if (json.length() == empty) {
            json.cutTo(before);
        } else {
            json.close('}');
        }
    }

    private void headers(List<String[]> headers) {
        if (headers.isEmpty()) {
            return;
        }
        json.key("headers").open('[');
        for (String[] header : headers) {
            json.open('[').string(header[0]).string(redactor.header(header[0], header[1])).close(']');
        }
        json.close(']');
    }

    private void body(Body whole, boolean request, int bytesMax) {
        if (whole == null) {
            return;
        }
        Body body = Body.of(whole.head, whole.total, whole.contentType, bytesMax);
        String text = BodyText.of(body, request);
        boolean binary = text == null && BodyText.isHarmless(body, redactor);
        if (text != null) {
            String shown = redactor.text(text);
            json.key("body").string(body.isCut() ? CutText.whole(shown) : shown);
        } else if (binary) {
            json.key("body").string(Base64.getEncoder().encodeToString(body.head));
        }
        // Without a body it says that there was one, of that size.
        json.key("body_bytes").number(body.total);
        if (binary) {
            json.key("body_encoding").string("base64");
        }
    }

    private void assertions(List<String[]> assertions) {
        if (assertions.isEmpty()) {
            return;
        }
        json.key("assertions").open('[');
        for (String[] assertion : assertions) {
            json.open('{');
            text("name", assertion[0]);
            text("message", assertion[1]);
            json.close('}');
        }
        json.close(']');
    }

    private void console(List<String[]> console) {
        if (console.isEmpty()) {
            return;
        }
        json.key("console").open('[');
        for (String[] line : console) {
            json.open('{');
            text("level", line[0]);
            text("source", line[1]);
            text("text", line[2]);
            json.close('}');
        }
        json.close(']');
    }

    private void correlation(Exchange exchange) {
        unlessEmpty("correlation", () -> {
            for (String name : CORRELATION) {
                String value = Exchange.header(exchange.responseHeaders, name);
                value = value == null ? Exchange.header(exchange.requestHeaders, name) : value;
                if (value != null) {
                    json.key(name).string(redactor.header(name, value));
                }
            }
        });
    }

    private void text(String name, String text) {
        if (text != null && !text.isEmpty()) {
            json.key(name).string(redactor.text(text));
        }
    }
}
