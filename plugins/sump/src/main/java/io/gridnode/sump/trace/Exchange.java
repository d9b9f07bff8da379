package io.gridnode.sump.trace;

import java.util.ArrayList;
import java.util.List;

/** A request and its answer. What is null or empty is left out. */
public final class Exchange {
    /** Beyond them the rest is left out. */
    static final int HEADERS_MAX = 100;

    /** Of the request, such as {@code GET}. */
    public String method;
    /** Where to. */
    public String url;
    /** What was sent. */
    public Body requestBody;
    /** Of HTTP, or 0. */
    public int status;
    /** What came with it. */
    public String message;
    /** What came back. */
    public Body responseBody;

    final List<String[]> requestHeaders = new ArrayList<>();
    final List<String[]> responseHeaders = new ArrayList<>();

    /** See {@link Exchange}. */
    public Exchange() {}

    /** A header of the request. */
    public void requestHeader(String name, String value) {
        add(requestHeaders, name, value);
    }

    /** A header of the response. */
    public void responseHeader(String name, String value) {
        add(responseHeaders, name, value);
    }

    /** The value of a header of the request, or null. */
    public String requestHeader(String name) {
        return header(requestHeaders, name);
    }

    static String header(List<String[]> headers, String name) {
        for (String[] header : headers) {
            if (header[0].equalsIgnoreCase(name)) {
                return header[1];
            }
        }
        return null;
    }

    private static void add(List<String[]> headers, String name, String value) {
        if (headers.size() < HEADERS_MAX) {
            headers.add(new String[] {Trace.cut(name), Trace.cut(value)});
        }
    }

    long bytes() {
        long bytes = length(method) + length(url) + length(message);
        for (List<String[]> headers : List.of(requestHeaders, responseHeaders)) {
            for (String[] header : headers) {
                bytes += length(header[0]) + length(header[1]);
            }
        }
        return bytes + (requestBody == null ? 0 : requestBody.head.length) + (responseBody == null ? 0 : responseBody.head.length);
    }

    private static long length(String text) {
        return text == null ? 0 : 2L * text.length();
    }
}
