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
    private static final byte[] SERIALIZED = Span.utf8(";s:");
    private static final int DIGITS_MAX = 9;

    private SecretSql() {}

    /** The value that follows a word, or null. */
    static Span statement(byte[] bytes, int at, int end, SecretNames names) {
        Quote close = Quote.at(bytes, end);
        Quote open = close == null ? declared(bytes, at, end) : serialized(bytes, close.after);
        if (open == null || close != null && !names.isSecret(Span.text(bytes, at, end))) {
            return null;
        }
        return new Span(open.after, open.closing(bytes));
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
