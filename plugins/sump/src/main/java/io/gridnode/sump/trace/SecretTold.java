package io.gridnode.sump.trace;

import java.util.Arrays;
import java.util.List;

/**
 * Values that a sentence or a page tells with more than a sign between them and their name: {@code password was: s3cret}, {@code The
 * password 's3cret' is too short}, {@code <span>password</span>: <span>s3cret</span>}, {@code {Password:two words Token:abc}}.
 */
final class SecretTold {
    private static final String BLANKS = " \t";
    private static final String WHITE = " \t\r\n";
    private static final byte[][] VERBS = Span.all("was", "is");
    /** Other names are those of things, which a message has between marks: {@code secret 'db' not found}. */
    private static final List<String> PASSWORDS = List.of("password", "passwd", "passphrase", "passcode", "pwd", "pin", "otp");
    private static final int QUOTED_BYTES_MAX = 128;
    private static final int BLANKS_MAX = 1;
    /** What stands between a name and its value where a page colours both, and how often. */
    private static final byte[][] TAGS = Span.all("<span", "</span");
    private static final byte[][] SIGNS = Span.all("=>", "=&gt;", ":", "=");
    private static final byte[][] MARKS = Span.all("\"", "'", "&quot;", "&#34;", "&#39;");
    private static final byte[][] MARK_REFERENCES = Span.all("&quot;", "&#34;");
    private static final int STEPS_MAX = 16;
    private static final int TAG_BYTES_MAX = 256;
    /** Where a field ends of what Go prints as a structure, and a script as an object; and how far that may be. */
    private static final String FIELD_ENDS = "\r\n\"<";
    private static final int FIELD_BYTES_MAX = 1_024;
    private static final int FIELD_NAME_BYTES_MAX = 64;
    private static final int BEFORE_BYTES_MAX = 512;

    private SecretTold() {}

    /** The value of a name from {@code at} to {@code end}, or null; what follows blanks after it begins at {@code next}. */
    static Span told(byte[] bytes, int at, int end, int next) {
        if (Span.at(bytes, next) == '<') {
            return coloured(bytes, next);
        }
        if (next == end) {
            return null;
        }
        int verb = verb(bytes, next);
        int start = verb < 0 ? next : verb;
        Quote open = Quote.at(bytes, start);
        if (open == null) {
            boolean one = verb >= 0 && !SecretProse.isProse(bytes, start, false) && !SecretProse.isCall(bytes, start);
            return one ? new Span(start, SecretProse.wordEnd(bytes, start)) : null;
        }
        byte[] head = Arrays.copyOfRange(bytes, open.after, Math.min(bytes.length, open.after + QUOTED_BYTES_MAX));
        int length = open.from(0).closing(head);
        int to = open.after + length;
        int blanks = 0;
        for (int i = 0; i < length; i++) {
            blanks += head[i] == ' ' ? 1 : 0;
        }
        boolean one = to < bytes.length && length < QUOTED_BYTES_MAX && blanks <= BLANKS_MAX;
        boolean line = Span.until(head, 0, length, "\r\n") >= length;
        boolean named = verb >= 0 || PASSWORDS.stream().anyMatch(SecretNames.plain(Span.text(bytes, at, end))::endsWith);
        return one && line && named ? new Span(open.after, to) : null;
    }

    /** Where what {@code was:} says begins, or -1. */
    private static int verb(byte[] bytes, int at) {
        byte[] verb = Span.first(bytes, at, VERBS);
        int colon = verb == null ? -1 : Span.skip(bytes, at + verb.length, BLANKS);
        return Span.at(bytes, colon) == ':' ? Span.skip(bytes, colon + 1, BLANKS) : -1;
    }

    private static Span coloured(byte[] bytes, int start) {
        boolean open = false;
        boolean sign = false;
        boolean marked = false;
        int at = start;
        for (int i = 0; i < STEPS_MAX; i++) {
            int tag = tag(bytes, at);
            byte[] own = tag > 0 ? null : Span.first(bytes, at, SIGNS);
            byte[] mark = tag > 0 || own != null ? null : Span.first(bytes, at, MARKS);
            boolean blank = at < bytes.length && WHITE.indexOf(bytes[at]) >= 0;
            if (own != null && sign || tag == 0 && own == null && mark == null && !blank) {
                break;
            }
            open = tag > 0 ? bytes[at + 1] != '/' : open;
            sign |= own != null;
            marked |= sign && mark != null;
            at += tag > 0 ? tag : own != null ? own.length : mark != null ? mark.length : 1;
        }
        int to = at;
        while (to < bytes.length && "<\"\r\n".indexOf(bytes[to]) < 0 && Span.first(bytes, to, MARK_REFERENCES) == null) {
            to++;
        }
        if (!sign || !open && !marked || to == at || "{[(".indexOf(bytes[at]) >= 0) {
            return null;
        }
        while (to > at && " \t'".indexOf(bytes[to - 1]) >= 0) {
            to--;
        }
        Span text = new Span(at, to);
        boolean word = Span.find(bytes, at, to, new byte[] {' '}) < 0 && !SecretGrid.isWord(bytes, text);
        return marked || word ? text : null;
    }

    /** The length of a tag that only colours, or 0. */
    private static int tag(byte[] bytes, int at) {
        byte[] mark = Span.first(bytes, at, TAGS);
        if (mark == null) {
            return 0;
        }
        int first = at + mark.length;
        int end = first;
        while (end < bytes.length && end - first <= TAG_BYTES_MAX + 1 && bytes[end] != '<' && bytes[end] != '>') {
            end++;
        }
        boolean fits = end == first || end - first <= TAG_BYTES_MAX + 1 && BLANKS.indexOf(bytes[first]) >= 0;
        return fits && Span.at(bytes, end) == '>' ? end + 1 - at : 0;
    }

    /** The value of a structure's field, whose name begins at {@code first}; it may have blanks. Or null. */
    static Span field(byte[] bytes, int first, int start) {
        int next = Span.at(bytes, start);
        boolean opens = start >= bytes.length || next == '[' || next == '{';
        if (opens || Span.at(bytes, start - 1) != ':' || SecretProse.isCall(bytes, start)) {
            return null;
        }
        int before = Span.at(bytes, first - 1);
        if (before != '{' && !(before == ' ' && isOpen(bytes, first))) {
            return null;
        }
        int limit = Math.min(bytes.length, start + FIELD_BYTES_MAX);
        int at = start;
        while (at < limit && FIELD_ENDS.indexOf(bytes[at]) < 0) {
            if (bytes[at] == '}' || isNext(bytes, at, limit)) {
                return at > start ? new Span(start, at) : null;
            }
            at++;
        }
        return null;
    }

    /** Whether a comma or a blank stands there, and another field's name after it. */
    private static boolean isNext(byte[] bytes, int at, int limit) {
        if (bytes[at] != ',' && bytes[at] != ' ') {
            return false;
        }
        int name = bytes[at] == ',' && Span.at(bytes, at + 1) == ' ' ? at + 2 : at + 1;
        int end = name;
        while (end < limit && end - name < FIELD_NAME_BYTES_MAX && isPart(bytes[end])) {
            end++;
        }
        boolean named = end > name && !Span.isDigit(bytes[name]) && bytes[name] != '.';
        return named && end < limit && bytes[end] == ':';
    }

    private static boolean isPart(int b) {
        return Span.isAlphanumeric(b) || b == '_' || b == '.';
    }

    /** Whether a structure is open there. */
    private static boolean isOpen(byte[] bytes, int first) {
        for (int at = first - 1; at >= Math.max(0, first - BEFORE_BYTES_MAX); at--) {
            if (bytes[at] == '{') {
                return true;
            }
            if ("}\r\n\"".indexOf(bytes[at]) >= 0) {
                return false;
            }
        }
        return false;
    }
}
