package io.gridnode.sump.trace;

import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Words after a colon that say why, or how it is, and are no secret: {@code token: missing}, {@code Invalid JWT: Signed JWT rejected},
 * {@code cannot fetch token: 400 Bad Request}. Of a password any word may be one.
 */
final class SecretWhy {
    private static final List<String> NAMES = List.of(
            "token", "jwt", "session", "signature", "authorization", "authentication", "auth", "cookie", "credentials", "apikey");
    /** Headers that have words of their own before a secret. */
    private static final List<String> HEADERS = List.of("authorization", "authentication", "auth", "cookie");
    private static final String OWN = "x-";
    private static final Set<String> STATES = Set.of(
            "missing", "expired", "denied", "invalid", "required", "revoked", "unknown", "none", "empty", "rejected", "malformed",
            "disabled", "enabled", "absent", "unauthorized", "forbidden", "failed", "blocked", "mismatch", "valid", "ok");
    private static final String STATE_ENDS = "\r\n.,;:)]}\"'<\\";
    private static final Set<String> SCHEMES = Set.of("Bearer", "Basic", "Digest", "Negotiate", "Token", "Apikey", "Oauth");
    private static final String BLANKS = " \t";
    private static final String PART_MARKS = "_-.=+/~";
    private static final int WORD_BYTES_MAX = 21;
    private static final int BLANKS_MAX = 4;
    /** Digits of a status. */
    private static final int STATUS_DIGITS = 3;

    private SecretWhy() {}

    /** Whether it is what begins at {@code start}, of a name from {@code at} to {@code end}. */
    static boolean isWhy(byte[] bytes, int at, int end, int start) {
        int to = letters(bytes, start);
        boolean sentence = isSentence(bytes, start, to);
        if (!sentence && !isState(bytes, start, to) && !isOther(bytes, start, to)) {
            return false;
        }
        String name = SecretNames.plain(Span.text(bytes, at, end));
        boolean own = end - at >= OWN.length() && TagMark.isAt(bytes, at, OWN);
        return !own && NAMES.stream().anyMatch(name::endsWith) && !(sentence && HEADERS.stream().anyMatch(name::endsWith));
    }

    /** Where the letters end that begin there; of many, after more than a word has. */
    private static int letters(byte[] bytes, int start) {
        int to = start;
        while (to <= start + WORD_BYTES_MAX && SecretPlace.isLetter(Span.at(bytes, to))) {
            to++;
        }
        return to;
    }

    /** Whether all but the first are small. */
    private static boolean isSmall(byte[] bytes, int start, int to) {
        for (int at = start + 1; at < to; at++) {
            if (bytes[at] < 'a') {
                return false;
            }
        }
        return true;
    }

    private static boolean isState(byte[] bytes, int start, int to) {
        int next = Span.skip(bytes, to, BLANKS);
        boolean last = next >= bytes.length || STATE_ENDS.indexOf(bytes[next]) >= 0;
        return last && STATES.contains(Span.text(bytes, start, to).toLowerCase(Locale.ROOT));
    }

    /** Another name, as errors have it that are told through others: {@code oauth2: }; or a status. */
    private static boolean isOther(byte[] bytes, int start, int to) {
        if (to - start >= 2 && to - start <= WORD_BYTES_MAX && isSmall(bytes, start, to)) {
            int colon = Span.isDigit(Span.at(bytes, to)) ? to + 1 : to;
            return Span.at(bytes, colon) == ':' && isBlank(bytes, colon + 1);
        }
        int first = Span.at(bytes, start);
        boolean status = first >= '1' && first <= '5'
                && Span.isDigit(Span.at(bytes, start + 1)) && Span.isDigit(Span.at(bytes, start + 2));
        int end = start + STATUS_DIGITS;
        int phrase = Span.skip(bytes, end, BLANKS);
        int great = Span.at(bytes, phrase);
        int small = Span.at(bytes, phrase + 1);
        return status && phrase > end && great >= 'A' && great <= 'Z' && small >= 'a' && small <= 'z';
    }

    private static boolean isBlank(byte[] bytes, int at) {
        return at < bytes.length && BLANKS.indexOf(bytes[at]) >= 0;
    }

    /** Words, the first with a great letter. */
    private static boolean isSentence(byte[] bytes, int start, int to) {
        boolean word = to - start >= 3 && to - start <= WORD_BYTES_MAX && isSmall(bytes, start, to) && bytes[start] <= 'Z';
        if (!word || SCHEMES.contains(Span.text(bytes, start, to))) {
            return false;
        }
        int next = Span.skip(bytes, to, BLANKS);
        int second = letters(bytes, next);
        int after = Span.at(bytes, second);
        boolean part = Span.isAlphanumeric(after) || after > 0 && PART_MARKS.indexOf(after) >= 0;
        boolean near = next > to && next - to <= BLANKS_MAX;
        return near && !part && second - next >= 2 && second - next < WORD_BYTES_MAX;
    }
}
