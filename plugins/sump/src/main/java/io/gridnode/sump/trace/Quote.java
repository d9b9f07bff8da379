package io.gridnode.sump.trace;

/** A quotation mark, however it is written: in JSON within JSON, in an attribute of HTML, in a script's text. */
final class Quote {
    /** As they stand, and as references in HTML. */
    private static final byte[][] MARKS = Span.all(
            "\"", "'", "&quot;", "&#34;", "&#x22;", "&apos;", "&#39;", "&#039;", "&#x27;", "&amp;quot;");
    /** After a backslash. */
    private static final byte[][] ESCAPED = Span.all("u0022", "u0027", "x22", "x27");

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

    /** A plain one before a text. */
    static Quote before(int after) {
        return new Quote(MARKS[0], 0, after);
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
