package io.gridnode.sump.trace;

import java.util.ArrayList;
import java.util.List;

/**
 * Values that checks, validators and databases quote, beside the name of what they looked at:
 * {@code jsonPath($.access_token).find.is(abc), found def}, {@code Path `password` (`x`) is shorter},
 * {@code Key (token)=(abc) already exists}. Those of a text.
 */
final class SecretVerdict {
    /** Gatling's checks, what follows what they look at, and what stands before what they found. */
    private static final byte[][] CHECKS = Span.all(
            "jsonPath(", "jmesPath(", "regex(", "css(", "xpath(", "header(", "headerRegex(", "currentLocationRegex(", "form(");
    private static final byte[] CHECK = Span.utf8(").find");
    private static final byte[] FOUND = Span.utf8("found ");
    private static final byte[] NOTHING = Span.utf8("nothing");
    /** JMeter's assertions. */
    private static final byte[] PATH = Span.utf8("path '");
    private static final byte[] EXPECTED = Span.utf8("' expected ");
    private static final byte[] BUT = Span.utf8(", but ");
    /** Mongoose's. */
    private static final byte[] MARKED = Span.utf8("` (`");
    private static final byte[] MARK = Span.utf8("`");
    private static final byte[] MARKED_END = Span.utf8("`)");
    /** PostgreSQL's, and MySQL's. */
    private static final byte[] KEY = Span.utf8(")=(");
    private static final byte[] KEY_HEAD = Span.utf8("Key (");
    private static final byte[][] KEY_ENDS = Span.all(") already", ") is ", ") conflicts");
    private static final byte[] COMMA = Span.utf8(", ");
    private static final byte[] ENTRY = Span.utf8("Duplicate entry '");
    private static final byte[] ENTRY_KEY = Span.utf8("' for key '");
    /** Bytes of what names a value, and of a value before more that is read. */
    private static final int NAME_BYTES_MAX = 256;
    private static final int VALUE_BYTES_MAX = 4_096;

    final List<Span> secrets = new ArrayList<>(0);

    private final byte[] bytes;
    private final SecretNames names;

    SecretVerdict(byte[] bytes, SecretNames names) {
        this.bytes = bytes;
        this.names = names;
        look(CHECK, this::check);
        look(PATH, this::assertion);
        look(MARKED, this::marked);
        look(KEY, this::key);
        look(ENTRY, this::entry);
    }

    /** What a rule finds where its mark stands. */
    private interface Rule {
        void at(int at);
    }

    private void look(byte[] mark, Rule rule) {
        int to = 0;
        int at = Span.find(bytes, 0, bytes.length, mark);
        while (at >= 0) {
            int before = secrets.size();
            // What is within another's value is hidden with it.
            if (at >= to) {
                rule.at(at);
            }
            to = secrets.size() > before ? secrets.get(secrets.size() - 1).to : to;
            at = Span.find(bytes, at + mark.length, bytes.length, mark);
        }
    }

    private void check(int at) {
        int first = -1;
        for (byte[] kind : CHECKS) {
            int kindAt = last(Math.max(0, at - NAME_BYTES_MAX), at, kind);
            first = kindAt < 0 ? first : Math.max(first, kindAt + kind.length);
        }
        if (first < 0 || !isLabel(first, at)) {
            return;
        }
        int end = SecretProse.rest(bytes, at, bytes.length);
        int found = Span.find(bytes, at + CHECK.length, end, FOUND);
        found = found < 0 ? end : found;
        // find(1).is(abc): the first is a place.
        int open = words(at + CHECK.length, found);
        int place = open + 1;
        while (place < found && Span.isDigit(bytes[place])) {
            place++;
        }
        if (open < found && bytes[open] == '(' && place + 1 < found && bytes[place] == ')' && bytes[place + 1] == '.') {
            open = words(place + 1, found);
        }
        if (open < found && bytes[open] == '(') {
            int close = last(open, found, new byte[] {')'});
            secrets.add(new Span(open + 1, close < 0 ? found : close));
        }
        int actual = Math.min(end, found + FOUND.length);
        if (end - actual != NOTHING.length || !Span.startsWith(bytes, actual, NOTHING)) {
            secrets.add(new Span(actual, end));
        }
    }

    private int words(int from, int to) {
        int at = from;
        while (at < to && (SecretPlace.isLetter(bytes[at]) || bytes[at] == '.')) {
            at++;
        }
        return at;
    }

    private void assertion(int at) {
        int first = at + PATH.length;
        int close = Span.find(bytes, first, Math.min(bytes.length, first + NAME_BYTES_MAX), EXPECTED);
        if (close < 0 || !isLabel(first, close)) {
            return;
        }
        int start = close + EXPECTED.length;
        int end = SecretProse.rest(bytes, start, bytes.length);
        int but = Span.find(bytes, start, end, BUT);
        but = but < 0 ? end : but;
        quoted(start, but);
        quoted(but, end);
    }

    /** Between the first and the last mark of a part. */
    private void quoted(int from, int to) {
        int first = Span.find(bytes, from, to, new byte[] {'\''});
        if (first >= 0) {
            int last = last(first + 1, to, new byte[] {'\''});
            secrets.add(new Span(first + 1, last < 0 ? to : last));
        }
    }

    private void marked(int at) {
        int mark = last(Math.max(0, at - NAME_BYTES_MAX), at, MARK);
        if (mark >= 0 && isLabel(mark + 1, at)) {
            int end = line(at);
            int close = Span.find(bytes, at + MARKED.length, end, MARKED_END);
            secrets.add(new Span(at + MARKED.length, close < 0 ? end : close));
        }
    }

    private void key(int at) {
        int head = last(Math.max(0, at - NAME_BYTES_MAX), at, KEY_HEAD);
        if (head < 0 || !isLabel(head + KEY_HEAD.length, at)) {
            return;
        }
        int start = at + KEY.length;
        int end = Math.max(start, line(at));
        int close = -1;
        for (int i = start; close < 0 && i < end; i++) {
            close = Span.first(bytes, i, KEY_ENDS) == null ? -1 : i;
        }
        close = close < 0 ? Span.find(bytes, start, end, new byte[] {')'}) : close;
        close = close < 0 ? end : close;
        List<Span> columns = split(head + KEY_HEAD.length, at);
        List<Span> values = split(start, close);
        // Values with commas of their own cannot be told apart.
        boolean whole = columns.size() != values.size();
        boolean any = false;
        for (int i = 0; i < columns.size(); i++) {
            boolean secret = isLabel(columns.get(i).from, columns.get(i).to);
            any |= secret;
            if (secret && !whole) {
                secrets.add(values.get(i));
            }
        }
        if (whole && any) {
            secrets.add(new Span(start, close));
        }
    }

    private List<Span> split(int from, int to) {
        List<Span> parts = new ArrayList<>();
        int at = from;
        for (int comma = Span.find(bytes, at, to, COMMA); comma >= 0; comma = Span.find(bytes, at, to, COMMA)) {
            parts.add(new Span(at, comma));
            at = comma + COMMA.length;
        }
        parts.add(new Span(at, to));
        return parts;
    }

    private void entry(int at) {
        int start = at + ENTRY.length;
        int end = line(at);
        int close = Span.find(bytes, start, end, ENTRY_KEY);
        int name = close + ENTRY_KEY.length;
        if (close >= 0 && isLabel(name, Span.until(bytes, name, end, "'\r\n"))) {
            secrets.add(new Span(start, close));
        }
    }

    private boolean isLabel(int from, int to) {
        return SecretTags.isLabel(bytes, new Span(from, to), names);
    }

    /** Where the line ends, or the string that it is in, unless it is longer than messages are. */
    private int line(int at) {
        return SecretProse.rest(bytes, at, at + VALUE_BYTES_MAX);
    }

    /** Where the last of these texts begins within a part, or -1. */
    private int last(int from, int to, byte[] wanted) {
        int at = to - wanted.length;
        while (at >= from && !Span.startsWith(bytes, at, wanted)) {
            at--;
        }
        return at < from ? -1 : at;
    }
}
