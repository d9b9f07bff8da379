package io.gridnode.sump.trace;

import java.util.ArrayList;
import java.util.List;

/**
 * Secrets in a text that is a form as a whole, {@code password=a;b&scope=c}: there a value may have what ends one elsewhere. Those
 * of a text.
 */
final class SecretForm {
    private static final byte[] REFERENCE = Span.utf8("amp;");
    private static final String NAME_MARKS = "_.%[]-";
    private static final String WHITE = " \t\r\n";
    private static final String BLANKS = " \t";
    private static final String LINE_ENDS = "\r\n";

    /** The values of its secrets, each up to the next pair. */
    final List<Span> secrets = new ArrayList<>(0);

    private final byte[] bytes;

    SecretForm(byte[] bytes, SecretNames names) {
        this.bytes = bytes;
        int end = nameEnd(0);
        if (!isName(0, end) || Span.at(bytes, end + 1) == '>') {
            return;
        }
        Span name = new Span(0, end);
        for (int at = Span.until(bytes, end + 1, "&"); at < bytes.length; at = Span.until(bytes, end, "&")) {
            int next = Span.startsWith(bytes, at + 1, REFERENCE) ? at + 1 + REFERENCE.length : at + 1;
            end = nameEnd(next);
            if (isName(next, end)) {
                push(name, at, names);
                name = new Span(next, end);
            }
        }
        boolean alone = name.from == 0;
        if (!alone || Quote.at(bytes, name.to + 1) == null && !isFollowed(name.to + 1)) {
            int last = bytes.length;
            while (WHITE.indexOf(bytes[last - 1]) >= 0) {
                last--;
            }
            push(name, last, names);
        }
    }

    private void push(Span name, int end, SecretNames names) {
        if (name.to + 1 < end && SecretTags.isLabel(bytes, name, names)) {
            secrets.add(new Span(name.to + 1, end));
        }
    }

    private boolean isName(int at, int end) {
        return end > at && Span.at(bytes, end) == '=';
    }

    private int nameEnd(int at) {
        int end = at;
        while (end < bytes.length && (Span.isAlphanumeric(bytes[end]) || NAME_MARKS.indexOf(bytes[end]) >= 0)) {
            end++;
        }
        return end;
    }

    /** Whether another line names something: a pair that stands alone is no form then. */
    private boolean isFollowed(int from) {
        for (int at = Span.until(bytes, from, LINE_ENDS); at < bytes.length; at = Span.until(bytes, at + 1, LINE_ENDS)) {
            int start = Span.skip(bytes, at + 1, BLANKS);
            int end = nameEnd(start);
            int mark = Span.at(bytes, Span.skip(bytes, end, BLANKS));
            if (end > start && (mark == ':' || mark == '=')) {
                return true;
            }
        }
        return false;
    }
}
