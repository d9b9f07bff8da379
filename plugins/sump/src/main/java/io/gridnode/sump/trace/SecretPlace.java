package io.gridnode.sump.trace;

import java.util.Locale;
import java.util.Set;

/**
 * Where the value of a name stands: in a query, a form, JSON, XML, a part of a multipart body, or a line like a header's.
 * {@code at} to {@code end} is the name.
 */
final class SecretPlace {
    /** Bytes before a part's name in which its kind stands. */
    private static final int DISPOSITION_BYTES_MAX = 64;
    /** Bytes of a part's head, from its name on. */
    static final int HEAD_BYTES_MAX = 1_024;
    /** What follows a name that has several values, and bytes of each. */
    private static final int INDICES_MAX = 4;
    private static final int INDEX_BYTES_MAX = 64;
    private static final String PLAIN_NAME_ENDS = "; \t\r\n\013\f\"'";
    /** Between a name and its value: plain, in a query, as references in HTML, escaped in JSON. */
    static final byte[][] SEPARATORS = Span.all(
            "=&gt;", "=>", "=", ":", "%3D", "%3d", "&#x3D;", "&#x3d;", "&#61;", "&equals;", "\\u003d", "\\u003D");
    /** Of a reference in HTML. */
    private static final int REFERENCE_BYTES_MAX = 8;
    /** References in HTML that end a value, or begin the next name. */
    private static final Set<String> ENDING = Set.of(
            "amp", "quot", "apos", "lt", "gt", "#34", "#38", "#39", "#034", "#038", "#039", "#60", "#62", "#x22", "#x26", "#x27",
            "#x3c", "#x3e");

    /** What Rust prints around what there may be. */
    private static final byte[] NO_BREAK_SPACE = Span.utf8("\u00a0");
    private static final byte[] SOME = Span.utf8("Some(");
    /** What PHP prints around the length of a string. */
    private static final byte[] DUMPED = Span.utf8("string(");
    private static final int DUMPED_DIGITS_MAX = 9;
    private static final byte[] DUMPED_OPEN = Span.utf8(") \"");

    private SecretPlace() {}

    /** Bytes of names. A percent sign may encode one; dots and hyphens join their words. */
    static boolean isName(int b) {
        return Span.isAlphanumeric(b) || b == '_' || b == '-' || b == '.' || b == '%' || b == '$';
    }

    static boolean isLetter(int b) {
        return Span.isAlphanumeric(b) && !Span.isDigit(b);
    }

    /** Where a sign stands after no-break spaces, or the same place. */
    private static int beforeSign(byte[] bytes, int at) {
        int next = afterWide(bytes, at);
        return Span.at(bytes, next) == '=' || Span.at(bytes, next) == ':' ? next : at;
    }

    /** After no-break spaces, which a page or a word processor puts around a sign, and blanks among them. */
    private static int afterWide(byte[] bytes, int at) {
        int next = at;
        while (Span.startsWith(bytes, next, NO_BREAK_SPACE)) {
            next = Span.skip(bytes, next + NO_BREAK_SPACE.length, " \t");
        }
        return next;
    }

    /** The value of a name, or null. */
    static Span value(byte[] bytes, int at, int end) {
        Span content = SecretMarkup.element(bytes, at, end, false);
        if (content != null) {
            return content;
        }
        // user[password]=, password[]=
        int next = end + (Span.at(bytes, end) == ']' ? 1 : 0);
        for (int i = 0; i < INDICES_MAX; i++) {
            next += index(bytes, next);
        }
        Quote quoted = Quote.at(bytes, next);
        next = quoted == null ? next : quoted.after;
        // x["password"] = "abc"
        boolean isIndex = quoted != null && Span.at(bytes, next) == ']';
        next = beforeSign(bytes, Span.skip(bytes, isIndex ? next + 1 : next, " \t"));
        byte[] separator = Span.first(bytes, next, SEPARATORS);
        if (separator == null) {
            return isIndex ? null : told(bytes, at, end, next);
        }
        int after = next + separator.length;
        boolean equals = bytes[next] == '=' && separator.length == 1;
        int other = equals ? SecretNothing.compared(bytes, after) : -1;
        if (other >= 0) {
            Quote literal = Quote.at(bytes, other);
            return literal == null ? null : new Span(literal.after, literal.closing(bytes));
        }
        boolean colon = bytes[next] == ':';
        boolean line = colon && quoted == null;
        if (line && (SecretBeside.isHost(bytes, at) || SecretBeside.isStyle(bytes, after))) {
            return null;
        }
        Span lines = colon ? SecretYaml.below(bytes, at, after, line) : null;
        if (lines != null) {
            return lines;
        }
        next = afterWide(bytes, Span.skip(bytes, after, line ? " \t" : " \t\r\n"));
        boolean lineEnd = line && (Span.at(bytes, next) == '\r' || Span.at(bytes, next) == '\n');
        int marked = lineEnd ? next : Quote.literal(bytes, next);
        if (Span.startsWith(bytes, marked, SOME)) {
            return some(bytes, at, end, marked + SOME.length);
        }
        Quote open = Quote.at(bytes, marked);
        if (open != null) {
            Span triple = triple(bytes, marked, open.after);
            return triple == null ? new Span(open.after, open.closingDoubled(bytes)) : triple;
        }
        if (isIndex) {
            return dumped(bytes, marked);
        }
        next = quoted == null ? next : marked;
        if (next >= bytes.length) {
            return null;
        }
        Span rejected = SecretProse.rejected(bytes, next);
        if (rejected != null) {
            return rejected;
        }
        if (colon && SecretWhy.isWhy(bytes, at, end, next)) {
            return null;
        }
        boolean array = bytes[next] == '[';
        if (!line && (array || bytes[next] == '{')) {
            boolean sentences = array && quoted != null && SecretNothing.isSentences(bytes, next);
            return sentences ? null : new Span(next, balanced(bytes, next));
        }
        if (!line && quoted == null && next > after && SecretProse.isCall(bytes, next)) {
            return null;
        }
        boolean pair = equals && quoted == null;
        Span found = line
                ? line(bytes, at, end, next)
                : new Span(next, until(bytes, next, quoted != null ? ",}] \t\r\n&\"'<>" : "&; \t\r\n\"'<>", pair));
        found = pair ? SecretBeside.path(bytes, at, end, found) : found;
        return found == null || SecretNothing.isNothing(bytes, at, end, found) ? null : found;
    }

    private static Span told(byte[] bytes, int at, int end, int next) {
        Span told = SecretTold.told(bytes, at, end, next);
        return told == null || SecretNothing.isNothing(bytes, at, end, told) ? null : told;
    }

    private static Span line(byte[] bytes, int at, int end, int next) {
        Span field = SecretTold.field(bytes, at, next);
        return field == null ? SecretProse.said(bytes, at, end, next) : field;
    }

    /** What Rust prints as what there may be, {@code Some("abc")}, or null. */
    private static Span some(byte[] bytes, int at, int end, int start) {
        Quote open = Quote.at(bytes, start);
        if (open != null) {
            return new Span(open.after, open.closingDoubled(bytes));
        }
        Span some = new Span(start, Span.until(bytes, start, ")\r\n"));
        return SecretNothing.isNothing(bytes, at, end, some) ? null : some;
    }

    /** A text between three marks, which may have one of them in it, or null; the first one stands there. */
    private static Span triple(byte[] bytes, int at, int after) {
        byte[] marks = Span.utf8(Span.text(bytes, at, after).repeat(3));
        if (!Span.startsWith(bytes, at, marks)) {
            return null;
        }
        int start = at + marks.length;
        int to = Span.find(bytes, start, bytes.length, marks);
        return new Span(start, to < 0 ? bytes.length : to);
    }

    /** The string that PHP prints, {@code string(3) "abc"}, or null. */
    private static Span dumped(byte[] bytes, int at) {
        if (!Span.startsWith(bytes, at, DUMPED)) {
            return null;
        }
        int first = at + DUMPED.length;
        int end = first;
        while (end < first + DUMPED_DIGITS_MAX && Span.isDigit(Span.at(bytes, end))) {
            end++;
        }
        Quote open = Quote.before(end + DUMPED_OPEN.length);
        boolean one = end > first && Span.startsWith(bytes, end, DUMPED_OPEN);
        return one ? new Span(open.after, open.closing(bytes)) : null;
    }

    /** The length of {@code []} or {@code [0]}, or 0. */
    private static int index(byte[] bytes, int at) {
        if (Span.at(bytes, at) != '[') {
            return 0;
        }
        int end = at + 1;
        while (end <= at + INDEX_BYTES_MAX && isName(Span.at(bytes, end))) {
            end++;
        }
        return Span.at(bytes, end) == ']' ? end + 1 - at : 0;
    }

    /**
     * The first of these bytes, or, of a pair, the comma before what is another's. A reference for a character of the value is part
     * of it: {@code a&#x2F;b}.
     */
    private static int until(byte[] bytes, int from, String ends, boolean pair) {
        int at = from;
        while (at < bytes.length) {
            int reference = reference(bytes, at);
            if (reference == 0 && (ends.indexOf(bytes[at]) >= 0 || pair && SecretBeside.isPairEnd(bytes, at))) {
                return at;
            }
            at += Math.max(1, reference);
        }
        return at;
    }

    /** The length of the reference that begins there and is none of those that end a value, or 0. */
    private static int reference(byte[] bytes, int at) {
        String name = bytes[at] == '&' ? entity(bytes, at) : null;
        return name == null || ENDING.contains(name) ? 0 : name.length() + 2;
    }

    /** The name of the reference that begins there, in small letters, or null. */
    static String entity(byte[] bytes, int at) {
        int first = Span.at(bytes, at + 1) == '#' ? at + 2 : at + 1;
        int end = first;
        while (end < bytes.length && end <= at + REFERENCE_BYTES_MAX && Span.isAlphanumeric(bytes[end])) {
            end++;
        }
        if (Span.at(bytes, end) != ';' || end - at <= 2) {
            return null;
        }
        return Span.text(bytes, at + 1, end).toLowerCase(Locale.ROOT);
    }

    /** The content of a part of a form that is sent as multipart and has a secret's name: the word is {@code name}. */
    static Span formPart(byte[] bytes, int at, int end, SecretNames names) {
        if (end - at != 4
                || !Span.text(bytes, at, end).equals("name")
                || Span.find(bytes, Math.max(0, at - DISPOSITION_BYTES_MAX), at, Span.utf8("form-data")) < 0) {
            return null;
        }
        int plain = end + (Span.at(bytes, end) == '=' ? 1 : 0);
        Quote open = Quote.at(bytes, plain);
        int first = open == null ? plain : open.after;
        int close = open == null ? Span.until(bytes, plain, PLAIN_NAME_ENDS) : open.closing(bytes);
        if (close < first) {
            return null;
        }
        int headMax = Math.min(bytes.length, close + HEAD_BYTES_MAX);
        int crlf = Span.find(bytes, close, headMax, Span.utf8("\r\n\r\n"));
        int lf = Span.find(bytes, close, headMax, Span.utf8("\n\n"));
        if (crlf < 0 && lf < 0) {
            return null;
        }
        int start = crlf >= 0 && (lf < 0 || crlf < lf) ? crlf + 4 : lf + 2;
        SecretWeak kind = names.kind(Span.text(bytes, first, close));
        if (kind == SecretWeak.NONE) {
            // What is no secret is not read to its end.
            return null;
        }
        int limit = kind.isWeak() ? Math.min(bytes.length, start + SecretWeak.BYTES_MAX) : bytes.length;
        int to = Span.find(bytes, start, limit, Span.utf8("\n--"));
        if (to > start && bytes[to - 1] == '\r') {
            to--;
        }
        Span content = new Span(start, to < 0 ? limit : to);
        return names.fits(Span.text(bytes, first, close), bytes, content) ? content : null;
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
                    next = Quote.before(next + 1).closing(bytes);
                    break;
                default:
                    break;
            }
        }
        return bytes.length;
    }
}
