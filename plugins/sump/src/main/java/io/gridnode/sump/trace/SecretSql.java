package io.gridnode.sump.trace;

import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Passwords in statements of SQL, {@code IDENTIFIED BY 's3cret'}, and secrets in what PHP serialized,
 * {@code s:8:"password";s:6:"s3cret";}.
 */
final class SecretSql {
    /** What stands before the word before a password. */
    private static final Map<String, List<String>> BEFORE =
            Map.of("by", List.of("identified"), "password", List.of("with", "encrypted"));
    private static final int BEFORE_BYTES_MAX = 24;
    private static final int WORD_BYTES_MAX = 8;
    private static final String WHITE = " \t\r\n";
    private static final String BLANKS = " \t";
    private static final String MARKS = "'\"";
    /** Strings of a list. */
    private static final int ITEMS_MAX = 64;
    private static final byte[] SERIALIZED = Span.utf8(";s:");
    private static final int DIGITS_MAX = 9;

    private SecretSql() {}

    /** The value that follows a word, or null. */
    static Span statement(byte[] bytes, int at, int end, SecretNames names) {
        Quote close = Quote.at(bytes, end);
        Span compared = close == null && BLANKS.indexOf(Span.at(bytes, end)) >= 0 ? compared(bytes, end) : null;
        if (compared != null && names.isSecret(Span.text(bytes, at, end))) {
            return compared;
        }
        Quote open = close == null ? declared(bytes, at, end) : serialized(bytes, close.after);
        if (open == null || close != null && !names.isSecret(Span.text(bytes, at, end))) {
            return null;
        }
        return new Span(open.after, open.closing(bytes));
    }

    /** What a column is compared with: {@code LIKE 'abc'}, {@code IN ('abc', 'def')}; or null. */
    private static Span compared(byte[] bytes, int end) {
        int from = Span.skip(bytes, end, BLANKS);
        int to = word(bytes, from);
        if (TagMark.lower(bytes, from, to).equals("not")) {
            from = Span.skip(bytes, to, BLANKS);
            to = word(bytes, from);
        }
        String operator = TagMark.lower(bytes, from, to);
        int next = Span.skip(bytes, to, BLANKS);
        boolean list = operator.equals("in") && Span.at(bytes, next) == '(';
        if (list) {
            next = Span.skip(bytes, next + 1, BLANKS);
        } else if (!operator.equals("like") && !operator.equals("ilike")) {
            return null;
        }
        Quote open = isMark(bytes, next) ? Quote.at(bytes, next) : null;
        if (open == null) {
            return null;
        }
        int close = open.closing(bytes);
        for (int i = 0; list && i < ITEMS_MAX; i++) {
            int comma = Span.skip(bytes, close + 1, BLANKS);
            int item = Span.skip(bytes, comma + 1, BLANKS);
            if (Span.at(bytes, comma) != ',' || !isMark(bytes, item)) {
                break;
            }
            close = Quote.at(bytes, item).closing(bytes);
        }
        return new Span(open.after, close);
    }

    private static boolean isMark(byte[] bytes, int at) {
        return at < bytes.length && MARKS.indexOf(bytes[at]) >= 0;
    }

    private static int word(byte[] bytes, int from) {
        int at = from;
        while (at < from + WORD_BYTES_MAX && SecretPlace.isLetter(Span.at(bytes, at))) {
            at++;
        }
        return at;
    }

    private static Quote serialized(byte[] bytes, int at) {
        if (!Span.startsWith(bytes, at, SERIALIZED)) {
            return null;
        }
        int first = at + SERIALIZED.length;
        int end = first;
        while (end <= first + DIGITS_MAX && Span.isDigit(Span.at(bytes, end))) {
            end++;
        }
        boolean length = end > first && end - first <= DIGITS_MAX && Span.at(bytes, end) == ':';
        return length ? Quote.at(bytes, end + 1) : null;
    }

    private static Quote declared(byte[] bytes, int at, int end) {
        if (end - at > WORD_BYTES_MAX) {
            return null;
        }
        List<String> wanted = BEFORE.get(Span.text(bytes, at, end).toLowerCase(Locale.ROOT));
        int start = Span.skip(bytes, end, WHITE);
        if (wanted == null || start == end) {
            return null;
        }
        int first = Math.max(0, at - BEFORE_BYTES_MAX);
        int to = Span.trimmed(bytes, first, at, WHITE).to;
        for (String word : wanted) {
            if (to < at && to - word.length() >= first && TagMark.isAt(bytes, to - word.length(), word)) {
                return Quote.at(bytes, start);
            }
        }
        return null;
    }
}
