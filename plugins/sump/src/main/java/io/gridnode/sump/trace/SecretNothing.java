package io.gridnode.sump.trace;

import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Values that are no secrets, whatever their names: {@code "has_password":false}, {@code "tokens":17},
 * {@code {"password":["This field is required."]}}.
 */
final class SecretNothing {
    private static final Set<String> WORDS =
            Set.of("true", "false", "null", "True", "False", "None", "undefined", "nil");
    /** Names of several, which may be counted. */
    private static final List<String> PLURALS =
            List.of("cookies", "credentials", "keys", "passwords", "secrets", "sessions", "tokens");
    private static final Pattern COUNT = Pattern.compile("[0-9]{1,9}(?:\\.[0-9]{1,9})?(?:/[A-Za-z]{1,8})?");
    /** Bytes of such a value, and what may stand around it. */
    private static final int BYTES_MAX = 64;
    private static final String AROUND = " \t,)}]>";
    /** Bytes of an array that is read. */
    private static final int ARRAY_BYTES_MAX = 4_096;
    private static final String WHITE = " \t\r\n";
    private static final int BLANKS_MIN = 2;

    private static final Set<String> CONSTANTS = Set.of("null", "undefined", "true", "false", "None", "NULL");
    /** Bytes of the longest of them. */
    private static final int CONSTANT_BYTES_MAX = 9;

    private SecretNothing() {}

    /** Whether what a name from {@code at} to {@code end} has tells nothing. */
    static boolean isNothing(byte[] bytes, int at, int end, Span value) {
        if (value.to - value.from > BYTES_MAX) {
            return false;
        }
        Span inner = Span.trimmed(bytes, value.from, value.to, AROUND);
        String text = Span.text(bytes, inner.from, inner.to);
        if (WORDS.contains(text)) {
            return true;
        }
        return COUNT.matcher(text).matches()
                && PLURALS.stream().anyMatch(SecretNames.plain(Span.text(bytes, at, end))::endsWith);
    }

    /** Whether an array that begins there has sentences alone. */
    static boolean isSentences(byte[] bytes, int array) {
        int at = array;
        while (at - array <= ARRAY_BYTES_MAX) {
            Quote open = Quote.at(bytes, Span.skip(bytes, at + 1, WHITE));
            if (open == null) {
                return false;
            }
            int to = open.closing(bytes);
            Quote close = Quote.at(bytes, to);
            if (close == null || !isSentence(bytes, open.after, to)) {
                return false;
            }
            at = Span.skip(bytes, close.after, WHITE);
            if (Span.at(bytes, at) == ']') {
                return true;
            }
            if (Span.at(bytes, at) != ',') {
                return false;
            }
        }
        return false;
    }

    private static boolean isSentence(byte[] bytes, int from, int to) {
        int blanks = 0;
        boolean isShort = false;
        for (int at = from; at < to; at++) {
            blanks += bytes[at] == ' ' ? 1 : 0;
            isShort |= bytes[at] == '\''
                    && at > from
                    && at + 1 < to
                    && SecretPlace.isLetter(bytes[at - 1])
                    && SecretPlace.isLetter(bytes[at + 1]);
        }
        return blanks >= BLANKS_MIN || blanks > 0 && isShort;
    }

    /** Whether that begins there with which something is compared with no blank before it: {@code password==null}. */
    private static boolean isConstant(byte[] bytes, int at) {
        int to = at;
        while (to <= at + CONSTANT_BYTES_MAX && SecretPlace.isName(Span.at(bytes, to))) {
            to++;
        }
        return to > at && CONSTANTS.contains(Span.text(bytes, at, to));
    }

    /** Where that begins with which a name is compared, after its first sign, {@code password == null}; or -1. */
    static int compared(byte[] bytes, int at) {
        int to = Span.skip(bytes, at, "=");
        int next = Span.skip(bytes, to, " \t");
        boolean one = next > to || Quote.at(bytes, next) != null || isConstant(bytes, next);
        return to > at && to <= at + 2 && one ? next : -1;
    }
}
