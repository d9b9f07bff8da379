package io.gridnode.sump.trace;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Values that the validators of frameworks quote when they refuse them, with their names before them or after:
 * {@code Variable "$password" got invalid value "abc"}, {@code "password" with value "abc" fails},
 * {@code {"password":["'abc' is too weak"]}}. Those of a text.
 */
final class SecretRefused {
    /** GraphQL's, after which the name may follow. */
    private static final byte[] VARIABLE = Span.utf8("got invalid value ");
    private static final byte[] PLACE = Span.utf8(" at ");
    /** Joi's and Spring's. */
    private static final byte[] VALUE = Span.utf8(" with value");
    private static final byte[] PROPERTY = Span.utf8("property '");
    private static final byte[][] REASONS = Span.all("nvalid UUID string: ", "or input string: ", "or value ");
    private static final String PLAIN_ENDS = "\r\n\"'<>,;]\\";
    /** Jackson's, with the name in the chain that leads to it. */
    private static final byte[] STRING = Span.utf8("from String ");
    private static final byte[] CHAIN = Span.utf8("reference chain: ");
    /** Of a parameter, and of a header that is none of Amazon's. */
    private static final byte[] PARAMETER = Span.utf8("nvalid value ");
    private static final byte[] FOR = Span.utf8(" for ");
    private static final String LABEL_ENDS = ".,;:\r\n\"<\\";
    private static final int LABEL_BYTES_MAX = 64;
    private static final byte[] HEADER = Span.utf8("' not a valid key=value pair");
    /** Lists of sentences about one field, and marks around what they quote. */
    private static final byte[][] LISTS = Span.all(":[", ": [");
    private static final byte[][] OPENS = Span.all("“", "\\u201c", "\\u201C", "'", "\\\"");
    private static final byte[][] CLOSES = Span.all("”", "\\u201d", "\\u201D", "'", "\\\"");
    /** Groovy's, in one line: what was asserted, and the values in it. */
    private static final byte[] ASSERT = Span.utf8("assert ");
    private static final byte[] BAR = Span.utf8("| ");
    private static final int ASSERTED_BYTES_MAX = 256;
    private static final String LINE_ENDS = "\r\n";
    private static final String NAME_MARKS = "\"'`\\ ";
    private static final int NAME_BYTES_MAX = 128;
    private static final int VALUE_BYTES_MAX = 1_024;

    final List<Span> secrets = new ArrayList<>(0);

    private final byte[] bytes;
    private final SecretNames names;

    SecretRefused(byte[] bytes, SecretNames names) {
        this.bytes = bytes;
        this.names = names;
        look(VARIABLE, this::variable);
        look(VALUE, this::named);
        look(PROPERTY, this::property);
        look(STRING, this::chain);
        look(PARAMETER, this::parameter);
        look(HEADER, this::header);
        look(ASSERT, this::asserted);
        for (byte[] list : LISTS) {
            look(list, this::listed);
        }
    }

    /** What a rule finds where its mark stands, and what follows that. */
    private interface Rule {
        void at(int at, int after);
    }

    private void look(byte[] mark, Rule rule) {
        int at = Span.find(bytes, 0, bytes.length, mark);
        while (at >= 0) {
            rule.at(at, at + mark.length);
            at = Span.find(bytes, at + mark.length, bytes.length, mark);
        }
    }

    private int limit(int at, int length) {
        return Math.min(bytes.length, at + length);
    }

    /** The string that begins there, or null. */
    private Span string(int at) {
        Quote open = Quote.at(bytes, at);
        if (open == null) {
            return null;
        }
        byte[] head = Arrays.copyOfRange(bytes, open.after, limit(open.after, VALUE_BYTES_MAX));
        int length = open.from(0).closing(head);
        boolean whole = length < head.length && Quote.at(bytes, open.after + length) != null;
        return whole ? new Span(open.after, open.after + length) : null;
    }

    /** Where what follows a string begins. */
    private int next(Span string) {
        return Quote.at(bytes, string.to).after;
    }

    private void add(Span value, boolean is) {
        if (is && value != null) {
            secrets.add(value);
        }
    }

    private boolean isLabel(int from, int to) {
        return SecretTags.isLabel(bytes, new Span(from, to), names);
    }

    /** Whether a secret's name stands before. */
    private boolean isNamed(int at) {
        int first = Math.max(0, at - NAME_BYTES_MAX);
        int end = at;
        while (end > first && NAME_MARKS.indexOf(bytes[end - 1]) >= 0) {
            end--;
        }
        int from = end;
        while (from > first && SecretPlace.isName(bytes[from - 1])) {
            from--;
        }
        return names.isSecret(Span.text(bytes, from, end));
    }

    private void variable(int at, int after) {
        Span value = string(after);
        int next = value == null ? bytes.length : next(value);
        Span place = Span.startsWith(bytes, next, PLACE) ? string(next + PLACE.length) : null;
        add(value, isNamed(at) || place != null && isLabel(place.from, place.to));
    }

    private void named(int at, int after) {
        int colon = Span.at(bytes, after) == ':' ? after + 1 : after;
        add(string(Span.at(bytes, colon) == ' ' ? colon + 1 : colon), isNamed(at));
    }

    private void property(int at, int after) {
        int end = Span.find(bytes, after, limit(after, NAME_BYTES_MAX), new byte[] {'\''});
        if (end < 0 || !isLabel(after, end)) {
            return;
        }
        int limit = limit(end, VALUE_BYTES_MAX);
        int start = -1;
        for (int i = end; start < 0 && i < limit; i++) {
            byte[] reason = Span.first(bytes, i, REASONS);
            start = reason == null || i + reason.length > limit ? -1 : i + reason.length;
        }
        if (start < 0) {
            return;
        }
        start += Span.at(bytes, start) == '[' ? 1 : 0;
        Span value = string(start);
        add(value == null ? new Span(start, Span.until(bytes, start, limit(start, VALUE_BYTES_MAX), PLAIN_ENDS)) : value, true);
    }

    private void chain(int at, int after) {
        Span value = string(after);
        int next = value == null ? bytes.length : next(value);
        int chain = Span.find(bytes, next, limit(next, VALUE_BYTES_MAX), CHAIN);
        if (chain >= 0) {
            int end = Span.until(bytes, chain, limit(chain, VALUE_BYTES_MAX), ")\r\n");
            int last = end;
            while (last > chain && bytes[last - 1] != '[') {
                last--;
            }
            add(value, isLabel(last, end));
        }
    }

    private void parameter(int at, int after) {
        Span value = string(after);
        int next = value == null ? bytes.length : next(value);
        if (Span.startsWith(bytes, next, FOR)) {
            int label = next + FOR.length;
            add(value, isLabel(label, Span.until(bytes, label, limit(label, LABEL_BYTES_MAX), LABEL_ENDS)));
        }
    }

    private void header(int at, int after) {
        int mark = at - 1;
        while (mark >= Math.max(0, at - VALUE_BYTES_MAX) && bytes[mark] != '\'') {
            mark--;
        }
        add(new Span(mark + 1, at), mark >= Math.max(0, at - VALUE_BYTES_MAX));
    }

    /** What a list of sentences quotes but for names of fields. */
    private void listed(int at, int after) {
        if (at == 0 || Quote.at(bytes, at - 1) == null || !isNamed(at) || !SecretNothing.isSentences(bytes, after - 1)) {
            return;
        }
        int end = Span.until(bytes, after, limit(after, VALUE_BYTES_MAX), "]");
        int next = after;
        while (next < end) {
            Span text = quoted(next, end);
            if (text != null && !SecretBeside.isField(bytes, text) && !isLabel(text.from, text.to)) {
                secrets.add(text);
            }
            next = text == null ? next + 1 : text.to + Span.first(bytes, text.to, CLOSES).length;
        }
    }

    private void asserted(int at, int after) {
        int bar = Span.until(bytes, after, limit(after, ASSERTED_BYTES_MAX + 1), "|\r\n");
        if (!Span.startsWith(bytes, bar, BAR) || !hasName(after, bar)) {
            return;
        }
        int end = Span.until(bytes, bar, limit(bar + BAR.length, VALUE_BYTES_MAX), LINE_ENDS);
        int open = Span.until(bytes, bar, end, "'");
        while (open < end) {
            int close = Span.until(bytes, open + 1, end, "'");
            if (close == end) {
                return;
            }
            boolean one = close > open + 1 && close - open - 1 <= ASSERTED_BYTES_MAX;
            if (one) {
                secrets.add(new Span(open + 1, close));
            }
            open = one ? Span.until(bytes, close + 1, end, "'") : close;
        }
    }

    /** Whether a word is a secret's name. */
    private boolean hasName(int from, int to) {
        int first = from;
        for (int at = from; at <= to; at++) {
            if (at < to && (Span.isAlphanumeric(bytes[at]) || bytes[at] == '_')) {
                continue;
            }
            if (at > first && names.isSecret(Span.text(bytes, first, at))) {
                return true;
            }
            first = at + 1;
        }
        return false;
    }

    /** What marks quote that begin there, or null. */
    private Span quoted(int at, int end) {
        byte[] open = Span.first(bytes, at, OPENS);
        if (open == null) {
            return null;
        }
        byte[] close = CLOSES[Arrays.asList(OPENS).indexOf(open)];
        int start = at + open.length;
        int to = Span.find(bytes, start, Math.min(end, start + NAME_BYTES_MAX + close.length), close);
        if (to <= start || Span.until(bytes, start, to, "\r\n\"") < to) {
            return null;
        }
        boolean single = open.length == 1;
        int next = to + close.length < end ? bytes[to + close.length] : 0;
        return single && (Span.isAlphanumeric(Span.at(bytes, at - 1)) || Span.isAlphanumeric(next)) ? null : new Span(start, to);
    }
}
