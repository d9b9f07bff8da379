package io.gridnode.sump.trace;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Tables in text that are parts of a multipart body: {@code Content-Type: text/csv}, or {@code filename="users.csv"}. */
final class SecretSheet {
    /** What says so in a part's head. */
    private static final byte[] KIND = Span.utf8("text/csv");
    private static final byte[] FILE = Span.utf8("filename");
    /** How a file's name ends, which is not far. */
    private static final byte[] ENDING = Span.utf8(".csv");
    private static final int FILE_BYTES_MAX = 256;
    private static final byte[] CRLF = Span.utf8("\r\n\r\n");
    private static final byte[] LF = Span.utf8("\n\n");
    private static final byte[] BOUNDARY = Span.utf8("\n--");

    private SecretSheet() {}

    /** The fields of their columns that have a secret's name. */
    static List<Span> sheets(byte[] bytes, SecretNames names) {
        List<Span> found = new ArrayList<>(0);
        int at = 0;
        while (at < bytes.length) {
            boolean kind = Span.startsWith(bytes, at, KIND);
            if (!kind && !Span.startsWith(bytes, at, FILE)) {
                at++;
                continue;
            }
            int name = at + FILE.length;
            int nameMax = Math.min(bytes.length, name + FILE_BYTES_MAX);
            int end = kind ? at + KIND.length : Span.until(bytes, name, nameMax, "\r\n");
            boolean table = kind || Span.find(bytes, at, end, ENDING) >= 0;
            at = end;
            int start = table ? body(bytes, at) : -1;
            if (start >= 0) {
                int boundary = Span.find(bytes, start, bytes.length, BOUNDARY);
                at = boundary < 0 ? bytes.length : boundary;
                int to = boundary > start && bytes[at - 1] == '\r' ? at - 1 : at;
                for (Span field : new SecretTable(Arrays.copyOfRange(bytes, start, to), names).secrets) {
                    found.add(new Span(start + field.from, start + field.to));
                }
            }
        }
        return found;
    }

    /** Where the body of a part begins, in whose head that stands, or -1. */
    private static int body(byte[] bytes, int at) {
        int limit = Math.min(bytes.length, at + SecretPlace.HEAD_BYTES_MAX);
        int crlf = Span.find(bytes, at, limit, CRLF);
        int lf = Span.find(bytes, at, limit, LF);
        if (crlf < 0 && lf < 0) {
            return -1;
        }
        return crlf >= 0 && (lf < 0 || crlf < lf) ? crlf + CRLF.length : lf + LF.length;
    }
}
