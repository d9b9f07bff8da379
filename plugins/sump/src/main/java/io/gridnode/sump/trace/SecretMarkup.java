package io.gridnode.sump.trace;

import java.util.List;

/** Elements: as they stand, as text of a page or of another element, in a script. {@code at} to {@code end} is a tag's name. */
final class SecretMarkup {
    /** Bytes in which a tag ends. */
    private static final int TAG_BYTES_MAX = 2_048;
    /** Tags of the page that shows an element as text, as a browser shows XML: how many, and bytes of each. */
    private static final int SHOWN_MAX = 4;
    private static final int SHOWN_BYTES_MAX = 256;
    private static final String SHOWN = "&lt;";
    private static final byte[] DATA = Span.utf8("![CDATA[");
    private static final byte[][] REMARKS = Span.all("!--", "![");
    private static final byte[] DATA_END = Span.utf8("]]");
    private static final List<SecretMarkup> KINDS = List.of(
            new SecretMarkup("<", ">"),
            new SecretMarkup("&lt;", "&gt;"),
            new SecretMarkup("&#60;", "&#62;"),
            new SecretMarkup("&#x3c;", "&#x3e;"),
            new SecretMarkup("&amp;lt;", "&amp;gt;"),
            new SecretMarkup("\\" + "u003c", "\\" + "u003e"),
            new SecretMarkup("\\x3c", "\\x3e"));

    /** What begins a tag and what ends it, as one text has them; what is escaped may have what ends it plain. */
    private final String opening;
    private final String closing;
    private final boolean script;

    private SecretMarkup(String opening, String closing) {
        this.opening = opening;
        this.closing = closing;
        script = opening.charAt(0) == '\\';
    }

    /** The kind of the tag that the name stands in, which begins at {@link #first}, or null. */
    static SecretMarkup of(byte[] bytes, int at, int end) {
        int first = first(bytes, at, end);
        for (SecretMarkup kind : KINDS) {
            if (first >= kind.opening.length() && TagMark.isAt(bytes, first - kind.opening.length(), kind.opening)) {
                return kind;
            }
        }
        return null;
    }

    /** Where the name begins with its prefix. */
    static int first(byte[] bytes, int at, int end) {
        int first = at;
        if (Span.at(bytes, at - 1) == ':') {
            first--;
            while (first > 0 && at - 1 - first < TAG_BYTES_MAX && SecretPlace.isName(bytes[first - 1])) {
                first--;
            }
        }
        return first + SecretTags.escape(bytes, first, end);
    }

    /** The length of the mark there that begins a tag, or 0. */
    int opening(byte[] bytes, int at) {
        return length(bytes, at, '<', opening);
    }

    /** The same of one that ends it. */
    int closing(byte[] bytes, int at) {
        return length(bytes, at, '>', closing);
    }

    private static int length(byte[] bytes, int at, char plain, String own) {
        int first = Span.at(bytes, at);
        if (first == plain) {
            return 1;
        }
        return (first == '&' || first == '\\') && TagMark.isAt(bytes, at, own) ? own.length() : 0;
    }

    /** The first mark from there on, or the limit; it ends before that. */
    int edge(byte[] bytes, int from, int limit) {
        int at = from;
        while (at < limit) {
            int length = Math.max(opening(bytes, at), closing(bytes, at));
            if (length > 0 && at + length <= limit) {
                return at;
            }
            at++;
        }
        return at;
    }

    /** Where the tag ends, before the mark that does so, or -1. */
    int tagEnd(byte[] bytes, int end) {
        int limit = Math.min(bytes.length, end + TAG_BYTES_MAX);
        int at = edge(bytes, end, limit);
        return at < limit && closing(bytes, at) > 0 ? at : -1;
    }

    /** The content of an element that the name begins, or null; whole, or where it begins with one: with the elements in it. */
    static Span element(byte[] bytes, int at, int end, boolean whole) {
        SecretMarkup kind = of(bytes, at, end);
        int close = kind == null ? -1 : kind.tagEnd(bytes, end);
        // --password <password>
        int name = kind == null ? end : first(bytes, at, end);
        if (!whole && kind != null && SecretBeside.isUsage(bytes, name - kind.opening.length(), Span.text(bytes, name, end))) {
            return null;
        }
        if (close < 0 || close > end && bytes[close - 1] == '/') {
            return null;
        }
        int start = close + kind.closing(bytes, close);
        int shown = kind.opening.equals(SHOWN) ? shown(bytes, start) : -1;
        if (shown >= 0) {
            return new Span(shown, Span.until(bytes, shown, "<"));
        }
        int to;
        if (whole || kind.isWithin(bytes, start)) {
            to = kind.closed(bytes, start, first(bytes, at, end), end);
        } else if (kind.isOwn(bytes, start) && Span.startsWith(bytes, start + kind.opening.length(), DATA)) {
            return new Span(start, kind.dataEnd(bytes, start));
        } else {
            to = kind.textEnd(bytes, start);
        }
        // Of a script within a script.
        while (kind.script && start < to && to < bytes.length && bytes[to - 1] == '\\') {
            to--;
        }
        return new Span(start, to);
    }

    /** Where the text of an element begins that a page shows as text, after the page's own tags; or -1. */
    private static int shown(byte[] bytes, int start) {
        int at = start;
        for (int i = 0; i < SHOWN_MAX && Span.at(bytes, at) == '<'; i++) {
            int end = at + 1;
            while (end < bytes.length && end - at <= SHOWN_BYTES_MAX + 1 && "<>&".indexOf(bytes[end]) < 0) {
                end++;
            }
            if (Span.at(bytes, end) != '>' || end == at + 1 || end - at > SHOWN_BYTES_MAX + 1) {
                break;
            }
            at = end + 1;
        }
        boolean text = at >= bytes.length || "< \t\r\n".indexOf(bytes[at]) < 0 && !TagMark.isAt(bytes, at, SHOWN);
        return at > start && text ? at : -1;
    }

    private boolean isOwn(byte[] bytes, int at) {
        return Span.at(bytes, at) == opening.charAt(0) && TagMark.isAt(bytes, at, opening);
    }

    /** Where an element's text ends: no remark in it. A script's ends with its string. */
    private int textEnd(byte[] bytes, int start) {
        int at = start;
        while (at < bytes.length
                && (opening(bytes, at) == 0 || Span.first(bytes, at + opening(bytes, at), REMARKS) != null)
                && !(script && bytes[at] == '"' && Span.at(bytes, at - 1) != '\\')) {
            at++;
        }
        return at;
    }

    private int dataEnd(byte[] bytes, int start) {
        int at = Span.find(bytes, start, bytes.length, DATA_END);
        while (at >= 0) {
            int length = closing(bytes, at + DATA_END.length);
            if (length > 0) {
                return at + DATA_END.length + length;
            }
            at = Span.find(bytes, at + 1, bytes.length, DATA_END);
        }
        return bytes.length;
    }

    /** Where an element of this name ends. */
    private int closed(byte[] bytes, int start, int first, int end) {
        byte[] name = Span.utf8("/" + Span.text(bytes, first, end));
        int at = start;
        while (at < bytes.length) {
            int slash = at + opening.length();
            if (isOwn(bytes, at) && Span.startsWith(bytes, slash + (Span.at(bytes, slash) == '\\' ? 1 : 0), name)) {
                return at;
            }
            at++;
        }
        return at;
    }

    /** Whether the content begins with an element. */
    private boolean isWithin(byte[] bytes, int start) {
        int at = SecretCell.white(bytes, start);
        int next = at + opening.length();
        return next < bytes.length && isOwn(bytes, at) && "/!\\".indexOf(bytes[next]) < 0;
    }
}
