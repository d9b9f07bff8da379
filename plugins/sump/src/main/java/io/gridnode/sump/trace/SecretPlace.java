package io.gridnode.sump.trace;

import java.util.function.Predicate;

/**
 * Where the value of a name stands: in a query, a form, JSON, XML, a part of a multipart body, or a line like a header's.
 * {@code at} to {@code end} is the name.
 */
final class SecretPlace {
    /** Bytes in which a tag ends. */
    private static final int TAG_BYTES_MAX = 2_048;
    /** Bytes before a part's name in which its kind stands. */
    private static final int DISPOSITION_BYTES_MAX = 64;

    private SecretPlace() {}

    /** Bytes of names. A percent sign may encode one; dots and hyphens join their words. */
    static boolean isName(int b) {
        return Span.isAlphanumeric(b) || b == '_' || b == '-' || b == '.' || b == '%' || b == '$';
    }

    /** The value of a name, or null. */
    static Span value(byte[] bytes, int at, int end) {
        Span content = element(bytes, at, end, false);
        if (content != null) {
            return content;
        }
        // user[password]=
        int next = end + (Span.at(bytes, end) == ']' ? 1 : 0);
        Quote quoted = Quote.at(bytes, next);
        next = Span.skip(bytes, quoted == null ? next : quoted.after, " \t");
        int separator = separator(bytes, next);
        if (separator == 0) {
            return null;
        }
        boolean line = bytes[next] == ':' && quoted == null;
        next = Span.skip(bytes, next + separator, line ? " \t" : " \t\r\n");
        Quote open = Quote.at(bytes, next);
        if (open != null) {
            return new Span(open.after, open.closing(bytes));
        }
        if (next >= bytes.length) {
            return null;
        }
        if (line) {
            return new Span(next, Span.until(bytes, next, "\r\n"));
        }
        if (bytes[next] == '{' || bytes[next] == '[') {
            return new Span(next, balanced(bytes, next));
        }
        return new Span(next, Span.until(bytes, next, quoted != null ? ",}] \t\r\n&\"'<>" : "&; \t\r\n\"'<>"));
    }

    private static int separator(byte[] bytes, int at) {
        int first = Span.at(bytes, at);
        if (first == '=') {
            return Span.at(bytes, at + 1) == '>' ? 2 : 1;
        }
        if (first == ':') {
            return 1;
        }
        int third = Span.at(bytes, at + 2);
        return first == '%' && Span.at(bytes, at + 1) == '3' && (third == 'D' || third == 'd') ? 3 : 0;
    }

    /** The content of an element that the name begins; whole: with the elements in it, else up to the next tag. */
    static Span element(byte[] bytes, int at, int end, boolean whole) {
        int first = at;
        if (Span.at(bytes, at - 1) == ':') {
            first--;
            while (first > 0 && isName(bytes[first - 1])) {
                first--;
            }
        }
        if (Span.at(bytes, first - 1) != '<') {
            return null;
        }
        int tagMax = Math.min(bytes.length, end + TAG_BYTES_MAX);
        int close = end;
        while (close < tagMax && bytes[close] != '>' && bytes[close] != '<') {
            close++;
        }
        if (close == tagMax || bytes[close] == '<' || close > end && bytes[close - 1] == '/') {
            return null;
        }
        int start = close + 1;
        int to;
        if (whole) {
            to = Span.find(bytes, start, bytes.length, Span.utf8("</" + Span.text(bytes, first, end)));
        } else if (Span.startsWith(bytes, start, Span.utf8("<![CDATA["))) {
            int last = Span.find(bytes, start, bytes.length, Span.utf8("]]>"));
            to = last < 0 ? -1 : last + 3;
        } else {
            to = Span.until(bytes, start, "<");
        }
        return new Span(start, to < 0 ? bytes.length : to);
    }

    /** The content of a part of a form that is sent as multipart and has a secret's name: the word is {@code name}. */
    static Span formPart(byte[] bytes, int at, int end, Predicate<String> isSecret) {
        if (end - at != 4
                || !Span.text(bytes, at, end).equals("name")
                || Span.find(bytes, Math.max(0, at - DISPOSITION_BYTES_MAX), at, Span.utf8("form-data")) < 0) {
            return null;
        }
        Quote open = Quote.at(bytes, end + (Span.at(bytes, end) == '=' ? 1 : 0));
        if (open == null) {
            return null;
        }
        int close = open.closing(bytes);
        if (close < open.after || !isSecret.test(Span.text(bytes, open.after, close))) {
            return null;
        }
        int crlf = Span.find(bytes, close, bytes.length, Span.utf8("\r\n\r\n"));
        int lf = Span.find(bytes, close, bytes.length, Span.utf8("\n\n"));
        if (crlf < 0 && lf < 0) {
            return null;
        }
        int start = crlf >= 0 && (lf < 0 || crlf < lf) ? crlf + 4 : lf + 2;
        int to = Span.find(bytes, start, bytes.length, Span.utf8("\n--"));
        if (to > start && bytes[to - 1] == '\r') {
            to--;
        }
        return new Span(start, to < 0 ? bytes.length : to);
    }

    /** Where an object or array ends. */
    private static int balanced(byte[] bytes, int at) {
        int depth = 0;
        for (int next = at; next < bytes.length; next++) {
            switch (bytes[next]) {
                case '{':
                case '[':
                    depth++;
                    break;
                case '}':
                case ']':
                    depth--;
                    if (depth <= 0) {
                        return next + 1;
                    }
                    break;
                case '"':
                    next = new Quote('"', 0, next + 1).closing(bytes);
                    break;
                default:
                    break;
            }
        }
        return bytes.length;
    }

    /** A quotation mark, which may be escaped: JSON within JSON. */
    private static final class Quote {
        private final int mark;
        private final int backslashes;
        private final int after;

        private Quote(int mark, int backslashes, int after) {
            this.mark = mark;
            this.backslashes = backslashes;
            this.after = after;
        }

        private static Quote at(byte[] bytes, int at) {
            int markAt = Span.skip(bytes, at, "\\");
            int mark = Span.at(bytes, markAt);
            return mark == '"' || mark == '\'' ? new Quote(mark, markAt - at, markAt + 1) : null;
        }

        /** Where the text ends: at a mark that is not escaped deeper than the first. */
        private int closing(byte[] bytes) {
            int before = 0;
            for (int at = after; at < bytes.length; at++) {
                if (bytes[at] == mark && (backslashes == 0 ? before % 2 == 0 : before <= backslashes)) {
                    return backslashes == 0 ? at : at - before;
                }
                before = bytes[at] == '\\' ? before + 1 : 0;
            }
            return bytes.length;
        }
    }
}
