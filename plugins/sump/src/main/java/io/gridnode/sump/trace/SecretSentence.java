package io.gridnode.sump.trace;

import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Tokens that a sentence tells with nothing but blanks, marks or a word between them and what they are: {@code Invalid token "abc"},
 * {@code API key abc not found}, {@code session id: abc}, {@code signature mismatch, expected: abc}. They must look like tokens: words
 * follow such names, too.
 */
final class SecretSentence {
    /** What a token is called, as the end of a word; of two words, the second with the first before it. */
    private static final String[] NOUNS =
            {"token", "jwt", "session", "sessionid", "session_id", "session-id", "apikey", "api_key", "api-key"};
    private static final Map<String, String> SECONDS = Map.of("key", "api ", "id", "session ");
    /** Words between it and the token, and how many. */
    private static final String[] FILLERS = {"id", "provided", "value", "given", "supplied", "received", "was", "is", "with"};
    private static final int FILLERS_MAX = 2;
    private static final String ID = "id";
    /** Of a WebSocket's protocols: {@code bearer, abc}, {@code bearer.abc}. */
    private static final String BEARER = "bearer";
    private static final byte[] GAP = Span.utf8(", ");
    private static final String[] BEARER_PARTS = {"bearer.", "base64url.bearer.authorization.k8s.io."};
    private static final String TOKEN_MARKS = "_-.~+/";
    private static final int TOKEN_BYTES_MIN = 16;
    private static final int ID_BYTES_MIN = 6;
    private static final int DIGITS_MIN = 3;
    /** A part of a token that has fewer of them; and letters of a word in a name that is written as one, {@code TokenExpiredException}. */
    private static final int RUN_BYTES_MIN = 16;
    private static final int WORD_LETTERS_MIN = 4;
    private static final int PADDING_MAX = 2;
    /** What stands before one of two signatures, and beside them, and how near. */
    private static final Set<String> SIDES =
            Set.of("expected", "received", "got", "actual", "computed", "calculated", "provided", "was");
    private static final byte[][] SCHEMES = Span.all("sha1=", "sha256=", "sha512=", "v0=", "v1=", "v2=");
    private static final String[] SIGNATURES = {"signature", "hmac"};
    private static final int SIGNATURE_BYTES_MIN = 32;
    private static final int AROUND_BYTES_MAX = 512;
    /** What a check that has a name of its own says. */
    private static final String FOUND = "found";
    private static final int FOUND_BYTES_MAX = 128;
    private static final String BREAKS = "\r\n\"<>";
    private static final byte[] EXPECTED = Span.utf8("xpected");
    private static final String BLANKS = " \t";
    /** Bytes of the longest of these words with what may stand before it, and of a word that has a token in it. */
    private static final int WORD_BYTES_MAX = 64;

    private SecretSentence() {}

    /** What the word from {@code at} to {@code end} tells, or has in it; or null. */
    static Span of(byte[] bytes, int at, int end, SecretNames names) {
        String word = lower(bytes, at, Math.min(end, at + WORD_BYTES_MAX));
        for (String part : BEARER_PARTS) {
            if (word.startsWith(part)) {
                return isToken(bytes, at + part.length(), end) ? new Span(at + part.length(), end) : null;
            }
        }
        if (end - at < WORD_BYTES_MAX && word.equals(FOUND)) {
            return found(bytes, at, end, names);
        }
        if (end - at < WORD_BYTES_MAX && SIDES.contains(word)) {
            return side(bytes, at, end);
        }
        if (word.equals(BEARER) && Span.startsWith(bytes, end, GAP)) {
            return token(bytes, end + GAP.length, TOKEN_BYTES_MIN);
        }
        String last = lower(bytes, Math.max(at, end - WORD_BYTES_MAX), end);
        String before = end - at < WORD_BYTES_MAX ? SECONDS.get(word) : null;
        boolean second = before != null && lower(bytes, Math.max(0, at - before.length()), at).equals(before);
        return second || endsWith(last, NOUNS) ? told(bytes, end, last.endsWith(ID)) : null;
    }

    private static Span told(byte[] bytes, int end, boolean id) {
        int after = end;
        boolean isId = id;
        for (int i = 0; i < FILLERS_MAX; i++) {
            int first = Span.skip(bytes, after, BLANKS);
            int to = first > after ? filler(bytes, first) : first;
            if (to == first) {
                break;
            }
            isId = lower(bytes, first, to).equals(ID);
            after = to;
        }
        int start = value(bytes, after);
        int sign = Span.at(bytes, Span.skip(bytes, after, BLANKS));
        int bytesMin = isId && (sign == ':' || sign == '=') ? ID_BYTES_MIN : TOKEN_BYTES_MIN;
        return start > end ? token(bytes, start, bytesMin) : null;
    }

    private static String lower(byte[] bytes, int from, int to) {
        return Span.text(bytes, from, to).toLowerCase(Locale.ROOT);
    }

    private static boolean endsWith(String word, String[] endings) {
        for (String ending : endings) {
            if (word.endsWith(ending)) {
                return true;
            }
        }
        return false;
    }

    /** Where the word ends that may stand before a token, or where it would begin. */
    private static int filler(byte[] bytes, int first) {
        for (String filler : FILLERS) {
            int to = first + filler.length();
            int next = Span.at(bytes, to);
            boolean whole = !Span.isAlphanumeric(next) && next != '_' && next != '-';
            if (to <= bytes.length && whole && TagMark.isAt(bytes, first, filler)) {
                return to;
            }
        }
        return first;
    }

    /** Where a value begins after blanks, a sign, a bracket and a quotation mark. */
    private static int value(byte[] bytes, int after) {
        int start = Span.skip(bytes, after, BLANKS);
        if (Span.at(bytes, start) == ':' || Span.at(bytes, start) == '=') {
            start = Span.skip(bytes, start + 1, BLANKS);
        }
        start += Span.at(bytes, start) == '(' || Span.at(bytes, start) == '[' ? 1 : 0;
        Quote open = Quote.at(bytes, start);
        return open == null ? start : open.after;
    }

    /** Where a token ends that may be there, without the full stop after it. */
    private static int tokenEnd(byte[] bytes, int start) {
        int to = start;
        while (to < bytes.length && (Span.isAlphanumeric(bytes[to]) || TOKEN_MARKS.indexOf(bytes[to]) >= 0)) {
            to++;
        }
        while (to > start && bytes[to - 1] == '.') {
            to--;
        }
        return to;
    }

    /** Where what pads it in base64 ends. */
    private static int paddingEnd(byte[] bytes, int to) {
        int end = to;
        while (end < to + PADDING_MAX && Span.at(bytes, end) == '=') {
            end++;
        }
        return end;
    }

    private static Span token(byte[] bytes, int start, int bytesMin) {
        int end = tokenEnd(bytes, start);
        boolean one = bytesMin == TOKEN_BYTES_MIN
                ? isToken(bytes, start, end)
                : end - start >= bytesMin && isMixed(bytes, start, end);
        int to = paddingEnd(bytes, end);
        int next = Span.at(bytes, to);
        // Another's name, or a function.
        boolean other = next == '=' || next == '(' || Span.isAlphanumeric(next);
        return one && !other ? new Span(start, to) : null;
    }

    private static int digits(byte[] bytes, int from, int to) {
        int digits = 0;
        for (int at = from; at < to; at++) {
            digits += Span.isDigit(bytes[at]) ? 1 : 0;
        }
        return digits;
    }

    /** Whether it has letters and digits. */
    static boolean isMixed(byte[] bytes, int from, int to) {
        boolean letter = false;
        for (int at = from; at < to; at++) {
            letter |= SecretPlace.isLetter(bytes[at]);
        }
        return letter && digits(bytes, from, to) > 0;
    }

    /** Whether it is one rather than a word, a date, a path or a class: a part of it mixes letters and digits, or both sizes of letters. */
    private static boolean isToken(byte[] bytes, int from, int to) {
        if (to - from < TOKEN_BYTES_MIN) {
            return false;
        }
        boolean few = digits(bytes, from, to) < DIGITS_MIN;
        boolean path = Span.until(bytes, from, to, "./") < to;
        int first = from;
        for (int at = from; at <= to; at++) {
            if (at < to && Span.isAlphanumeric(bytes[at])) {
                continue;
            }
            if (few && !path && isRandom(bytes, first, at)) {
                return true;
            }
            boolean is = !few && (!path || at - first >= TOKEN_BYTES_MIN && digits(bytes, first, at) > DIGITS_MIN);
            if (is && isMixed(bytes, first, at)) {
                return true;
            }
            first = at + 1;
        }
        return false;
    }

    /** Whether a part with few digits is no word, and no name of words. */
    private static boolean isRandom(byte[] bytes, int from, int to) {
        int letters = 0;
        int words = 0;
        boolean small = false;
        boolean great = false;
        for (int at = from; at < to; at++) {
            boolean letter = SecretPlace.isLetter(bytes[at]);
            boolean isGreat = letter && bytes[at] <= 'Z';
            boolean follows = at > from && SecretPlace.isLetter(bytes[at - 1]) && !(isGreat && bytes[at - 1] >= 'a');
            letters += letter ? 1 : 0;
            words += letter && !follows ? 1 : 0;
            great |= isGreat;
            small |= letter && !isGreat;
        }
        boolean name = small && great && letters >= WORD_LETTERS_MIN * words;
        return to - from >= RUN_BYTES_MIN && !name && (small && great || isMixed(bytes, from, to));
    }

    /** One of two signatures that differ. */
    private static Span side(byte[] bytes, int at, int end) {
        Quote close = Quote.at(bytes, end);
        int start = value(bytes, close == null ? end : close.after);
        if (start == end) {
            return null;
        }
        byte[] scheme = Span.first(bytes, start, SCHEMES);
        start += scheme == null ? 0 : scheme.length;
        int to = tokenEnd(bytes, start);
        if (to - start < SIGNATURE_BYTES_MIN) {
            return null;
        }
        int padding = paddingEnd(bytes, to);
        boolean hex = true;
        for (int i = start; i < to; i++) {
            hex &= bytes[i] > 0 && Character.digit(bytes[i], 16) >= 0;
        }
        if (!hex && !(padding > to && isMixed(bytes, start, to))) {
            return null;
        }
        String around = lower(bytes, Math.max(0, at - AROUND_BYTES_MAX), Math.min(bytes.length, padding + AROUND_BYTES_MAX));
        for (String signature : SIGNATURES) {
            if (around.contains(signature)) {
                return new Span(start, padding);
            }
        }
        return null;
    }

    /** What such a check found: {@code the token of login, found abc1}. */
    private static Span found(byte[] bytes, int at, int end, SecretNames names) {
        int to = at - GAP.length;
        if (!Span.startsWith(bytes, to, GAP) || Span.at(bytes, end) != ' ') {
            return null;
        }
        int from = to;
        while (from > Math.max(0, at - FOUND_BYTES_MAX) && BREAKS.indexOf(bytes[from - 1]) < 0) {
            from--;
        }
        if (Span.find(bytes, from, to, EXPECTED) >= 0 || !SecretTags.isLabel(bytes, new Span(from, to), names)) {
            return null;
        }
        Span value = token(bytes, end + 1, ID_BYTES_MIN);
        int next = value == null ? 0 : Span.skip(bytes, value.to, BLANKS);
        boolean last = next >= bytes.length || "\r\n\"\\<".indexOf(bytes[next]) >= 0;
        return value != null && last ? value : null;
    }
}
