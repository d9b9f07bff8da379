package io.gridnode.sump.trace;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Secrets of several words in files of pairs, {@code password = correct horse}: a line of such a file stands beside another, or a
 * section. The values of those in a text.
 */
final class SecretIni {
    private static final String BLANKS = " \t";
    private static final String NAME_MARKS = "_.-";
    private static final int NAME_BYTES_MAX = 128;
    private static final int SECTION_BYTES_MAX = 64;
    private static final int VALUE_BYTES_MAX = 4_096;
    /** What begins a value that ends by itself, and what ends one that is a program's. */
    private static final String OPENINGS = "\"'{[(<$@";
    private static final String ENDS = ";{(,\\";
    /** A program's words, after the first one of a value; and bytes of its signs, and of these. */
    private static final Set<String> SIGNS = Set.of("or", "and", "if", "else");
    private static final int SIGN_BYTES_MAX = 3;
    private static final int WORD_BYTES_MAX = 4;

    final List<Span> secrets = new ArrayList<>(0);

    private final byte[] bytes;
    private final SecretNames names;

    SecretIni(byte[] bytes, SecretNames names) {
        this.bytes = bytes;
        this.names = names;
        Span waiting = null;
        boolean beside = false;
        int at = Span.find(bytes, 0, bytes.length, new byte[] {'='}) < 0 ? bytes.length : 0;
        while (at < bytes.length) {
            int end = Span.until(bytes, at, "\r\n");
            Span name = name(at, end);
            if (name != null && waiting != null) {
                secrets.add(waiting);
            }
            Span value = name == null ? null : value(name, end);
            if (beside && value != null) {
                secrets.add(value);
            }
            waiting = beside ? null : value;
            beside = name != null || isSection(at, end);
            at = end + (Span.at(bytes, end) == '\r' && Span.at(bytes, end + 1) == '\n' ? 2 : 1);
        }
    }

    /** Of a line's pair, or null. */
    private Span name(int from, int end) {
        int start = Span.skip(bytes, from, BLANKS);
        int to = start;
        while (to < end && to - start < NAME_BYTES_MAX && isPart(bytes[to])) {
            to++;
        }
        int equals = Span.skip(bytes, to, BLANKS);
        boolean one = to > start && equals < end && bytes[equals] == '=';
        return one && (equals + 1 >= end || "=>~".indexOf(bytes[equals + 1]) < 0) ? new Span(start, to) : null;
    }

    private static boolean isPart(int b) {
        return Span.isAlphanumeric(b) || b > 0 && NAME_MARKS.indexOf(b) >= 0;
    }

    private boolean isSection(int from, int end) {
        Span line = Span.trimmed(bytes, from, end, BLANKS);
        int to = line.to - 1;
        boolean one = to - line.from > 1 && bytes[line.from] == '[' && bytes[to] == ']' && to - line.from <= SECTION_BYTES_MAX + 1;
        return one && Span.until(bytes, line.from + 1, to, "[]=") == to;
    }

    private Span value(Span name, int end) {
        int start = Span.skip(bytes, Span.skip(bytes, name.to, BLANKS) + 1, BLANKS);
        Span value = Span.trimmed(bytes, Math.min(start, end), end, BLANKS);
        if (end - start > VALUE_BYTES_MAX || value.to == value.from) {
            return null;
        }
        boolean open = OPENINGS.indexOf(bytes[value.from]) >= 0 || ENDS.indexOf(bytes[value.to - 1]) >= 0;
        boolean call = SecretProse.isCall(bytes, value.from);
        boolean blank = Span.until(bytes, value.from, value.to, BLANKS) < value.to;
        boolean other = open || call || !blank || hasPair(value) || hasSign(value);
        return !other && names.fits(Span.text(bytes, name.from, name.to), bytes, value) ? value : null;
    }

    /** Whether another pair is in the line. */
    private boolean hasPair(Span value) {
        int to = value.to;
        for (int at = Span.until(bytes, value.from, to, BLANKS); at < to; at = Span.until(bytes, at, to, BLANKS)) {
            int first = Span.skip(bytes, at, BLANKS);
            at = first;
            while (at < to && isPart(bytes[at])) {
                at++;
            }
            if (at > first && at < to && bytes[at] == '=') {
                return true;
            }
        }
        return false;
    }

    /** Whether a program's sign, or word, stands after the first word. */
    private boolean hasSign(Span value) {
        int first = Span.skip(bytes, Span.until(bytes, value.from, value.to, BLANKS), BLANKS);
        int to = Span.until(bytes, first, value.to, BLANKS);
        if (to >= value.to) {
            return false;
        }
        boolean sign = to - first <= SIGN_BYTES_MAX;
        for (int at = first; at < to && sign; at++) {
            sign = bytes[at] > 0 && !Span.isAlphanumeric(bytes[at]);
        }
        return sign || to - first <= WORD_BYTES_MAX && SIGNS.contains(Span.text(bytes, first, to));
    }
}
