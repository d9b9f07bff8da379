package io.gridnode.gatling;

import io.gatling.http.client.Request;
import io.gatling.http.client.body.RequestBody;
import io.gatling.http.client.body.WritableContent;
import io.gatling.http.client.body.is.InputStreamRequestBody;
import io.gatling.http.response.HttpResult;
import io.gatling.http.response.Response;
import io.gridnode.sump.trace.Body;
import io.gridnode.sump.trace.Exchange;
import io.gridnode.sump.trace.Trace;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufHolder;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.stream.ChunkedInput;
import io.netty.util.ReferenceCountUtil;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.util.Iterator;
import java.util.Map;
import java.util.function.BiConsumer;

/** A request of HTTP and its answer, as a trace shows them. */
final class HttpPart {
    private static final String CONTENT_TYPE = "Content-Type";
    /** Gatling's messages begin with what the check looks at; it has no name. */
    private static final String CHECK = "check";

    private HttpPart() {}

    /** @param error Gatling's message, or null */
    static void fill(Trace trace, HttpResult result, String error) throws Exception {
        Exchange exchange = trace.exchange;
        request(exchange, result.request());
        if (!(result instanceof Response)) {
            return;
        }
        Response response = (Response) result;
        exchange.status = response.status().code();
        exchange.message = response.status().reasonPhrase();
        headers(response.headers(), exchange::responseHeader);
        // Not its bytes: Gatling would make them all and keep them.
        try (InputStream body = response.body().stream()) {
            byte[] head = body.readNBytes(Body.BYTES_MAX);
            exchange.responseBody = Body.of(head, response.body().length(), response.headers().get(CONTENT_TYPE), Body.BYTES_MAX);
        }
        if (error != null) {
            trace.assertion(CHECK, error);
        }
    }

    private static void request(Exchange exchange, Request request) throws Exception {
        exchange.method = request.getMethod().name();
        exchange.url = request.getUri().toUrl();
        headers(request.getHeaders(), exchange::requestHeader);
        RequestBody body = request.getBody();
        // A stream is read once, by who sends it.
        if (body != null && !(body instanceof InputStreamRequestBody)) {
            exchange.requestBody = body(body, request.getHeaders().get(CONTENT_TYPE));
        }
    }

    private static void headers(HttpHeaders headers, BiConsumer<String, String> header) {
        for (Iterator<Map.Entry<String, String>> all = headers.iteratorAsString(); all.hasNext();) {
            Map.Entry<String, String> one = all.next();
            header.accept(one.getKey(), one.getValue());
        }
    }

    /** As it is made to be sent: of files only as much is read as is shown. */
    private static Body body(RequestBody body, String contentType) throws Exception {
        ByteBufAllocator allocator = UnpooledByteBufAllocator.DEFAULT;
        WritableContent made = body.build(allocator);
        ByteArrayOutputStream head = new ByteArrayOutputStream();
        if (made.getContent() instanceof ByteBuf) {
            copy(made.getContent(), head);
        } else if (made.getContent() instanceof ChunkedInput) {
            ChunkedInput<?> parts = (ChunkedInput<?>) made.getContent();
            try {
                while (head.size() < Body.BYTES_MAX && !parts.isEndOfInput()) {
                    Object part = parts.readChunk(allocator);
                    if (part == null) {
                        break;
                    }
                    copy(part, head);
                }
            } finally {
                parts.close();
            }
        }
        return Body.of(head.toByteArray(), made.getContentLength(), contentType, Body.BYTES_MAX);
    }

    /** What is left out is beyond what is shown. */
    private static void copy(Object part, ByteArrayOutputStream head) throws Exception {
        try {
            ByteBuf bytes = part instanceof ByteBufHolder ? ((ByteBufHolder) part).content() : (ByteBuf) part;
            bytes.readBytes(head, Math.min(bytes.readableBytes(), Body.BYTES_MAX - head.size()));
        } finally {
            ReferenceCountUtil.release(part);
        }
    }
}
