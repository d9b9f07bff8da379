package io.gridnode.sump.trace;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * What follows the word for a scheme: {@code Bearer TOKEN}, {@code Bearer%20TOKEN}, {@code Bearer \"TOKEN\"},
 * {@code Negotiate TOKEN}.
 */
final class SecretBearer {
    private static final String BEARER = "bearer";
    private static final String BASIC = "basic";
    /** Words that are also others: what follows them must look like a token. */
    private static final List<String> TICKETS = List.of("negotiate", "ntlm");
    private static final List<String> SCHEMES = List.of(BEARER, BASIC, "negotiate", "ntlm");
    private static final String SCHEME_BEGINNINGS = "bn";
    private static final int SCHEME_BYTES_MAX = 9;
    private static final String BLANKS = " \t";
    /** Blanks before a token, also as a form, a URL or JSON has them; and the same with ends of lines. */
    private static final byte[][] GAPS = Span.all(" ", "\t", "+", "%20", "%09", "\\t", "\\" + "u0020");
    private static final byte[][] FOLDS =
            Span.all(" ", "\t", "+", "%20", "%09", "\\t", "\\" + "u0020", "\r", "\n", "\\r", "\\n");
    /** As a URL has them within a word, and what quotes a token there. */
    private static final byte[][] ENCODED_GAPS = Span.all("%20", "%09", "%0A", "%0a", "%0D", "%0d");
    private static final byte[][] ENCODED_ESCAPES = Span.all("%5C", "%5c");
    private static final byte[][] ENCODED_QUOTES = Span.all("%22", "%27");
    /** Characters of a token, encoded. */
    private static final Set<String> ENCODED_PARTS = Set.of("2b", "2d", "2e", "2f", "3d", "5f", "7e");
    /** Of the shortest token that need not look like one; of one on the next line. */
    private static final int CHARS_MIN = 8;
    private static final int FOLDED_CHARS_MIN = 4;
    /** Of one of digits alone, for {@code bearer 401} has none; and of any. */
    private static final int DIGITS_MIN = 4;
    private static final int SHORT_CHARS_MIN = 2;
    /** What follows the word in a sentence, or names what would be there. */
    private static final Set<String> WORDS = Set.of((
                    "basic bearer digest ntlm oauth oauth2 "
                            + "a and are as at auth authn authz be bonds but by can error expired expiry failed flow for format found from "
                            + "given has header if in info invalid is it jwt key kind missing mode must name needed news no none "
                            + "not null of on only or plugin present prefix realm scheme schemes scope secret sent should that "
                            + "the then this to token tokens type types until used user value was were when which will with "
                            + "without")
            .split(" "));
    private static final String TRAILING = ".-=/~";
    /** Where a value ends, and where one may begin. */
    private static final String VALUE_ENDS = "\r\n`])},;&<";
    private static final String VALUE_BEGINNINGS = ":=`\"'>;,([{\r\n";

    private SecretBearer() {}

    /** Whether a word is one that stands before a token. */
    static boolean isScheme(byte[] bytes, int at, int end) {
        String word = end - at > SCHEME_BYTES_MAX ? "" : Span.text(bytes, at, end);
        return word.equalsIgnoreCase(BEARER) || word.equalsIgnoreCase(BASIC);
    }

    /** What follows the word, if it is a scheme; or null. */
    static Span credentials(byte[] bytes, int at, int end) {
        if (end - at > SCHEME_BYTES_MAX) {
            return null;
        }
        String word = Span.text(bytes, at, end).toLowerCase(Locale.ROOT);
        if (TICKETS.contains(word)) {
            return ticket(bytes, end);
        }
        if (!isScheme(bytes, at, end)) {
            return null;
        }
        int blank = after(bytes, end, GAPS);
        int start = after(bytes, blank, FOLDS);
        if (start == end) {
            return null;
        }
        Span marked = marked(bytes, start);
        return marked == null ? token(bytes, new Span(at, end), blank, start) : marked;
    }

    /** The token that begins there, after a scheme and what is between them up to {@code blank} and the ends of lines after it. */
    private static Span token(byte[] bytes, Span scheme, int blank, int start) {
        Quote opening = Quote.at(bytes, start);
        int first = opening == null ? start : opening.after;
        int to = first;
        while (to < bytes.length && isPart(bytes[to])) {
            to++;
        }
        Quote closing = Quote.at(bytes, to);
        if (opening != null && (closing == null || !closing.isLike(opening))) {
            return null;
        }
        Span token = new Span(first, to);
        if (start > blank) {
            int next = Span.skip(bytes, closing == null ? to : closing.after, BLANKS);
            boolean name = Span.at(bytes, next) == ':' || Span.at(bytes, next) == '=';
            return !name && to - first >= FOLDED_CHARS_MIN && has(bytes, token, 'A', 'z') && looks(bytes, token) ? token : null;
        }
        if (to - first >= CHARS_MIN) {
            return token;
        }
        boolean bearer = (bytes[scheme.from] | 0x20) == 'b' && scheme.to - scheme.from == BEARER.length();
        return bearer && isShort(bytes, token, opening != null || isPlaced(bytes, scheme, to)) ? token : null;
    }

    /** Where the token begins that is all that a header's value has after its scheme, or -1. */
    static int tokenOfHeader(String value) {
        byte[] bytes = Span.utf8(value);
        int end = Span.until(bytes, 0, BLANKS);
        int start = Span.skip(bytes, end, BLANKS);
        String scheme = Span.text(bytes, 0, end).toLowerCase(Locale.ROOT);
        int to = start;
        while (to < bytes.length && isPart(bytes[to])) {
            to++;
        }
        boolean whole = start > end && to == bytes.length && (scheme.equals(BEARER) || TICKETS.contains(scheme));
        return whole && (to - start >= CHARS_MIN || isShort(bytes, new Span(start, to), true)) ? start : -1;
    }

    /** Tokens in the word, after a scheme and a blank that is encoded. What follows an equals sign is looked at as a value. */
    static List<Span> encoded(byte[] bytes, int at, int end) {
        List<Span> found = new ArrayList<>();
        int next = Span.until(bytes, at, end, "%") < end ? at : end;
        while (next < end) {
            int start = encodedStart(bytes, next);
            if (start < 0) {
                next++;
                continue;
            }
            next = start;
            for (int length = encodedPart(bytes, next); length > 0; length = encodedPart(bytes, next)) {
                next += length;
            }
            Span token = new Span(start, next);
            if (next - start >= CHARS_MIN || isShort(bytes, token, true)) {
                found.add(token);
            }
        }
        return found;
    }

    /** Where a token begins whose scheme begins there, or -1. */
    private static int encodedStart(byte[] bytes, int at) {
        boolean encoded = Span.at(bytes, at - 3) == '%' && isHex(Span.at(bytes, at - 2)) && isHex(Span.at(bytes, at - 1));
        int before = Span.at(bytes, at - 1);
        boolean begins = SCHEME_BEGINNINGS.indexOf(bytes[at] | 0x20) >= 0;
        if (!begins || !encoded && (Span.isAlphanumeric(before) || before == '=')) {
            return -1;
        }
        for (String scheme : SCHEMES) {
            int end = at + scheme.length();
            int start = TagMark.isAt(bytes, at, scheme) ? after(bytes, end, ENCODED_GAPS) : end;
            if (start > end) {
                start = after(bytes, start, ENCODED_ESCAPES);
                byte[] quote = Span.first(bytes, start, ENCODED_QUOTES);
                return quote == null ? start : start + quote.length;
            }
        }
        return -1;
    }

    /** The length of a character of a token that may be encoded, or 0. */
    private static int encodedPart(byte[] bytes, int at) {
        if (Span.at(bytes, at) == '%') {
            int to = Math.min(bytes.length, at + 3);
            return ENCODED_PARTS.contains(Span.text(bytes, at + 1, to).toLowerCase(Locale.ROOT)) ? 3 : 0;
        }
        return at < bytes.length && isPart(bytes[at]) ? 1 : 0;
    }

    /** After as many of these as stand there. */
    private static int after(byte[] bytes, int at, byte[][] gaps) {
        int next = at;
        for (byte[] gap = Span.first(bytes, next, gaps); gap != null; gap = Span.first(bytes, next, gaps)) {
            next += gap.length;
        }
        return next;
    }

    /** A place holder, or what looks like one, with what follows it and is no part of it; or null. */
    private static Span marked(byte[] bytes, int start) {
        int rest = start + SecretMark.likeLength(bytes, start);
        int to = rest;
        while (to < bytes.length && (isPart(bytes[to]) || bytes[to] < 0)) {
            to++;
        }
        return rest > start && to > rest ? new Span(start, to) : null;
    }

    private static Span ticket(byte[] bytes, int end) {
        int start = Span.skip(bytes, end, BLANKS);
        int to = start;
        while (to < bytes.length && (Span.isAlphanumeric(bytes[to]) || "+/=".indexOf(bytes[to]) >= 0)) {
            to++;
        }
        Span token = new Span(start, to);
        return start > end && to - start >= CHARS_MIN && looks(bytes, token) ? token : null;
    }

    private static boolean isPart(byte b) {
        return Span.isAlphanumeric(b) || "-._~+/=%".indexOf(b) >= 0;
    }

    private static boolean isHex(int b) {
        return Span.isDigit(b) || (b | 0x20) >= 'a' && (b | 0x20) <= 'f';
    }

    /** Whether a short word is a token: it looks like one, or stands where one does and is no word that may stand there, too. */
    private static boolean isShort(byte[] bytes, Span token, boolean placed) {
        int to = token.to;
        while (to > token.from && TRAILING.indexOf(bytes[to - 1]) >= 0) {
            to--;
        }
        int first = Span.at(bytes, token.from);
        boolean begun = Span.isAlphanumeric(first) || first == '_';
        Span word = new Span(token.from, to);
        if (to - word.from < SHORT_CHARS_MIN
                || !begun
                || WORDS.contains(Span.text(bytes, word.from, to).toLowerCase(Locale.ROOT))) {
            return false;
        }
        boolean small = has(bytes, word, 'a', 'z');
        boolean great = has(bytes, word, 'A', 'Z');
        if (!small && !great) {
            return to - word.from >= DIGITS_MIN;
        }
        return placed || has(bytes, word, '0', '9') || small && great;
    }

    /** Whether it has a digit, or letters of both kinds, the great ones not only at its beginning. */
    private static boolean looks(byte[] bytes, Span token) {
        return has(bytes, token, '0', '9')
                || has(bytes, token, 'a', 'z') && has(bytes, new Span(token.from + 1, token.to), 'A', 'Z');
    }

    private static boolean has(byte[] bytes, Span word, char first, char last) {
        for (int at = word.from; at < word.to; at++) {
            if (bytes[at] >= first && bytes[at] <= last && Span.isAlphanumeric(bytes[at])) {
                return true;
            }
        }
        return false;
    }

    /** Whether scheme and token are all that a value has, or the end of a text; or what stands there is encoded. */
    private static boolean isPlaced(byte[] bytes, Span scheme, int to) {
        int next = Span.skip(bytes, to, BLANKS);
        boolean textEnd = next == bytes.length || bytes[next] == '\r' || bytes[next] == '\n';
        if (Span.at(bytes, scheme.to) == '+' || bytes[scheme.from] == 'B' && textEnd) {
            return true;
        }
        int before = scheme.from - 1;
        while (before >= 0 && BLANKS.indexOf(bytes[before]) >= 0) {
            before--;
        }
        boolean begun = before < 0 || VALUE_BEGINNINGS.indexOf(bytes[before]) >= 0;
        return begun && (textEnd || VALUE_ENDS.indexOf(bytes[next]) >= 0 || Quote.at(bytes, to) != null);
    }
}
