package io.gridnode.sump.trace;

import java.util.ArrayList;
import java.util.List;

/**
 * Values that an arrow, a comparison, a bar or angle brackets tell of their names: {@code password -> abc1}, {@code password|abc1},
 * {@code password=<abc1>}. They must have letters and digits: words of a program, of tables and of usages stand there, too.
 */
final class SecretArrow {
    /** Around the first of them blanks may stand. */
    private static final byte[][] APART = Span.all("->", "==");
    private static final byte[][] SIGNS = Span.all("->", "==", "=<", "|");
    private static final String BLANKS = " \t";
    private static final int BLANKS_MAX = 8;
    private static final int NAME_BYTES_MAX = 64;
    private static final String VALUE_MARKS = "_!@#$%^*+~?-";
    private static final int VALUE_BYTES_MIN = 6;
    /** Of a call or a path it is a part. */
    private static final String NEXT = "(.=/[|";

    private SecretArrow() {}

    /** Those of a text. */
    static List<Span> arrows(byte[] bytes, SecretNames names) {
        List<Span> found = new ArrayList<>(0);
        int at = 0;
        while (at < bytes.length) {
            byte[] sign = Span.first(bytes, at, SIGNS);
            Span value = sign == null ? null : value(bytes, at, sign, names);
            if (value != null) {
                found.add(value);
            }
            at += sign == null ? 1 : sign.length;
        }
        return found;
    }

    private static Span value(byte[] bytes, int at, byte[] sign, SecretNames names) {
        boolean apart = Span.first(bytes, at, APART) != null;
        int start = at + sign.length;
        int limit = Math.min(bytes.length, start + BLANKS_MAX);
        while (apart && start < limit && BLANKS.indexOf(bytes[start]) >= 0) {
            start++;
        }
        int end = start;
        while (end < bytes.length && (Span.isAlphanumeric(bytes[end]) || VALUE_MARKS.indexOf(bytes[end]) >= 0)) {
            end++;
        }
        int next = Span.at(bytes, end);
        boolean open = sign[sign.length - 1] == '<';
        if (end - start < VALUE_BYTES_MIN || open != (next == '>') || next > 0 && NEXT.indexOf(next) >= 0) {
            return null;
        }
        boolean named = SecretSentence.isMixed(bytes, start, end) && names.isSecret(name(bytes, at, apart));
        return named && !names.isSecret(Span.text(bytes, start, end)) ? new Span(start, end) : null;
    }

    /** The name before a sign. */
    private static String name(byte[] bytes, int sign, boolean apart) {
        int end = sign;
        while (apart && end > Math.max(0, sign - BLANKS_MAX) && BLANKS.indexOf(bytes[end - 1]) >= 0) {
            end--;
        }
        int from = end;
        while (from > Math.max(0, end - NAME_BYTES_MAX) && isPart(bytes[from - 1])) {
            from--;
        }
        return Span.text(bytes, from, end);
    }

    private static boolean isPart(int b) {
        return Span.isAlphanumeric(b) || b == '_' || b == '-' || b == '.';
    }
}
