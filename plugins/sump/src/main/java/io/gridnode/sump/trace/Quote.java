package io.gridnode.sump.trace;

import java.util.Arrays;

/** A quotation mark, however it is written: in JSON within JSON, in an attribute of HTML, in a script's text. */
final class Quote {
    /** As they stand, and as references in HTML. */
    private static final byte[][] MARKS = Span.all(
            "\"", "'", "&quot;", "&#34;", "&#x22;", "&apos;", "&#39;", "&#039;", "&#x27;", "&amp;quot;");
    /** Bytes of a string from one double mark to the next. */
    private static final int DOUBLED_BYTES_MAX = 256;
    private static final byte[] SINGLE = {'\''};
    private static final byte[] DOUBLE = {'\'', '\''};
    /** After a backslash. */
    private static final byte[][] ESCAPED = Span.all("u0022", "u0027", "x22", "x27");

    /** What may stand before a literal, as languages have it: {@code N'abc'}, {@code @"abc"}. */
    private static final String PREFIXES = "NnUuBbRrFf@$";
    private static final int PREFIX_BYTES_MAX = 2;
    /** Remarks before it, and bytes of each. */
    private static final int REMARKS_MAX = 4;
    private static final int REMARK_BYTES_MAX = 256;
    private static final byte[] REMARK = Span.utf8("/*");
    private static final byte[] REMARK_END = Span.utf8("*/");
    private static final byte[] NO_BREAK_SPACE = Span.utf8("\u00a0");

    /** Where the text in it begins. */
    final int after;
    private final byte[] mark;
    private final int backslashes;

    private Quote(byte[] mark, int backslashes, int after) {
        this.mark = mark;
        this.backslashes = backslashes;
        this.after = after;
    }

    /** The one that begins there, or null. */
    static Quote at(byte[] bytes, int at) {
        int markAt = Span.skip(bytes, at, "\\");
        byte[] mark = Span.first(bytes, markAt, MARKS);
        if (mark == null && markAt > at) {
            mark = Span.first(bytes, markAt, ESCAPED);
        }
        return mark == null ? null : new Quote(mark, markAt - at, markAt + mark.length);
    }

    /** Where the quotation mark of a literal stands, after remarks, blanks and its prefix. If none does: where a value is. */
    static int literal(byte[] bytes, int from) {
        int at = from;
        for (int i = 0; i < REMARKS_MAX; i++) {
            at = gap(bytes, at);
            int limit = Math.min(bytes.length, at + REMARK_BYTES_MAX);
            int end = Span.startsWith(bytes, at, REMARK) ? Span.find(bytes, at + 2, limit, REMARK_END) : -1;
            if (end < 0) {
                break;
            }
            at = end + 2;
        }
        at = gap(bytes, at);
        for (int next = at; next < at + PREFIX_BYTES_MAX && isPrefix(Span.at(bytes, next)); next++) {
            if (at(bytes, next + 1) != null) {
                return next + 1;
            }
        }
        return at;
    }

    private static boolean isPrefix(int b) {
        return b > 0 && PREFIXES.indexOf(b) >= 0;
    }

    private static int gap(byte[] bytes, int from) {
        int at = Span.skip(bytes, from, " \t\r\n");
        while (Span.startsWith(bytes, at, NO_BREAK_SPACE)) {
            at = Span.skip(bytes, at + NO_BREAK_SPACE.length, " \t\r\n");
        }
        return at;
    }

    /** Whether both are written alike. */
    boolean isLike(Quote other) {
        return Arrays.equals(mark, other.mark) && backslashes == other.backslashes;
    }

    /** A plain one before a text. */
    static Quote before(int after) {
        return new Quote(MARKS[0], 0, after);
    }

    /** The same mark, before another text. */
    Quote from(int other) {
        return new Quote(mark, backslashes, other);
    }

    /** Where a string ends that may have its mark twice in it, as in SQL: {@code 'it''s'}. */
    int closingDoubled(byte[] bytes) {
        int to = closing(bytes);
        while (backslashes == 0 && Arrays.equals(mark, SINGLE) && to > after && Span.startsWith(bytes, to, DOUBLE)) {
            byte[] part = Arrays.copyOfRange(bytes, to + 2, Math.min(bytes.length, to + 2 + DOUBLED_BYTES_MAX));
            int more = from(0).closing(part);
            if (more >= Span.until(part, 0, "\r\n")) {
                break;
            }
            to += 2 + more;
        }
        return to;
    }

    /** Where the text ends: at a mark that is not escaped deeper than the first. */
    int closing(byte[] bytes) {
        int before = 0;
        for (int at = after; at < bytes.length; at++) {
            if (Span.startsWith(bytes, at, mark) && (backslashes == 0 ? before % 2 == 0 : before <= backslashes)) {
                return backslashes == 0 ? at : at - before;
            }
            before = bytes[at] == '\\' ? before + 1 : 0;
        }
        return bytes.length;
    }

    /** The same in an attribute, where a backslash is a character like any other. */
    int closingAttribute(byte[] bytes) {
        if (backslashes > 0) {
            return closing(bytes);
        }
        int at = Span.find(bytes, after, bytes.length, mark);
        return at < 0 ? bytes.length : at;
    }
}
