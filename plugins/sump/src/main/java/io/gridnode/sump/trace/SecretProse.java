package io.gridnode.sump.trace;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Where a value ends whose name a colon alone follows: {@code Token: abc}, {@code Password: correct horse}. Many such names are words
 * of a sentence, or of a page in one line, whose rest is no secret.
 */
final class SecretProse {
    /** Names end so whose values are single words. Others may be of several words. */
    private static final List<String> WORDS = List.of(
            "auth", "authentication", "authorization", "cookie", "cookies", "credential", "credentials", "csrf", "jwt", "key", "keys",
            "secret", "secrets", "session", "sessionid", "sessions", "sid", "sig", "signature", "token", "tokens", "xsrf");
    /** Headers whose values are whole lines; others begin so. */
    private static final Set<String> AUTHORIZATIONS = Set.of("authorization", "proxyauthorization");
    private static final Set<String> COOKIES = Set.of("cookie", "setcookie", "setcookie2", "httpcookie");
    /** Names end so whose values have commas, with no blanks after them. */
    private static final String SIGNATURE = "signature";
    /** Bytes of a scheme that is not known, and of a list. */
    private static final int OWN_SCHEME_BYTES_MAX = 32;
    private static final int LIST_BYTES_MAX = 4_096;
    /** In a name of several words. */
    private static final String PHRASE_BLANKS = " +";
    private static final String TOKEN_ENDS = " \t\r\n\"'<,;\\&])}";
    private static final String OWN = "x-";
    /** Words before a secret that are words of a sentence, too, in small letters. */
    private static final Set<String> OTHER_SCHEMES = Set.of("digest", "negotiate", "ntlm", "token", "apikey", "oauth");
    /** Of the longest of them. */
    private static final int SCHEME_BYTES_MAX = 9;
    /** What stands before the first name of a line: marks of lists, of quotes, and of what a client prints. */
    private static final byte[] FIRST = Span.utf8(" \t\"'{-*\u2022");
    private static final byte[] FIRST_HEADER = Span.utf8(" \t\"'{-*\u2022<>");
    private static final byte[][] BREAKS = Span.all("\\n", "\\r");
    private static final String WORD_ENDS = " \t\r\n\"'<,;";
    /** References that end a word, as the character does. */
    private static final Set<String> TAGS = Set.of("lt", "#60", "#x3c");
    /** Letters of a word of a sentence. */
    private static final int PROSE_BYTES_MIN = 2;
    private static final int PROSE_BYTES_MAX = 20;
    private static final byte[][] ANSWERS = Span.all("YES)", "NO)");
    /** Bytes of a function's name. */
    private static final int CALL_BYTES_MAX = 64;
    /** Bytes of a call that may be a cookie's: a longer word is none. */
    private static final int CALLED_BYTES_MAX = 4_096;
    /** What Spring's validator says before a value. */
    private static final byte[] REJECTED = Span.utf8("rejected value [");
    private static final byte[] REJECTED_END = Span.utf8("]; ");
    private static final int REJECTED_BYTES_MAX = 4_096;

    private SecretProse() {}

    /** The value that begins at {@code start}, of a name from {@code at} to {@code end}; or null. */
    static Span said(byte[] bytes, int at, int end, int start) {
        int first = at + SecretTags.escape(bytes, at, end);
        String name = name(bytes, first, end);
        String stem = name;
        while (!stem.isEmpty() && Span.isDigit(stem.charAt(stem.length() - 1))) {
            stem = stem.substring(0, stem.length() - 1);
        }
        boolean word = WORDS.stream().anyMatch(stem::endsWith);
        boolean authorization = AUTHORIZATIONS.contains(name);
        boolean cookie = COOKIES.contains(name);
        boolean header = authorization || cookie || end - first >= 2 && TagMark.isAt(bytes, first, OWN);
        if ((header || !word) && (first > at || isFirst(bytes, first, header ? FIRST_HEADER : FIRST))) {
            return new Span(start, header ? within(bytes, first, start, true) : rest(bytes, start));
        }
        Span list = list(bytes, start);
        if (list != null) {
            return list;
        }
        boolean told = isCall(bytes, start) || Span.first(bytes, start, ANSWERS) != null;
        if (told && !cookie) {
            // However long its word is.
            return null;
        }
        int limit = told ? Math.min(bytes.length, start + CALLED_BYTES_MAX) : bytes.length;
        int to = wordEnd(bytes, start, limit);
        boolean isLong = told && to >= limit && limit < bytes.length;
        String value = to - start <= SCHEME_BYTES_MAX ? Span.text(bytes, start, to) : "";
        String small = value.toLowerCase(Locale.ROOT);
        boolean other = OTHER_SCHEMES.contains(small);
        if (cookie && (isLong || Span.find(bytes, start, to, new byte[] {'='}) >= 0) || other && authorization) {
            return new Span(start, within(bytes, first, start, false));
        }
        if (SecretBearer.isScheme(bytes, start, to) || other && !small.equals(value)) {
            int next = Span.skip(bytes, to, " \t");
            return new Span(start, next > to ? wordEnd(bytes, next) : to);
        }
        if (authorization && isOwnScheme(bytes, start, to)) {
            // One that is not known, which is hidden with its token.
            int next = Span.skip(bytes, to, " \t");
            return new Span(start, next > to ? Span.until(bytes, next, TOKEN_ENDS) : to);
        }
        to = name.endsWith(SIGNATURE) ? signed(bytes, start) : to;
        return told || isProse(bytes, start, word) ? null : new Span(start, to);
    }

    /** The values of a name as Go prints a map of lists, {@code map[Cookie:[a=b c=d]]}; or null. */
    private static Span list(byte[] bytes, int start) {
        if (Span.at(bytes, start) != '[' || Span.at(bytes, start - 1) != ':') {
            return null;
        }
        int end = start + 1;
        while (end < bytes.length && end <= start + 1 + LIST_BYTES_MAX && "[]\r\n".indexOf(bytes[end]) < 0) {
            end++;
        }
        boolean one = end > start + 1 && end <= start + 1 + LIST_BYTES_MAX && Span.at(bytes, end) == ']';
        return one ? new Span(start + 1, end) : null;
    }

    private static boolean isOwnScheme(byte[] bytes, int start, int end) {
        int at = start;
        while (at < end && (Span.isAlphanumeric(bytes[at]) || bytes[at] == '-')) {
            at++;
        }
        boolean fits = at == end && end - start >= 2 && end - start <= OWN_SCHEME_BYTES_MAX;
        return fits && bytes[start] >= 'A' && bytes[start] <= 'Z';
    }

    /** Where words end that commas join: {@code t=1,v1=abc}. */
    private static int signed(byte[] bytes, int start) {
        int to = wordEnd(bytes, start);
        while (Span.at(bytes, to) == ',' && Span.isAlphanumeric(Span.at(bytes, to + 1))) {
            to = wordEnd(bytes, to + 1);
        }
        return to;
    }

    /** Where a header ends whose token, or whose next cookie, is in the line below. */
    private static int folded(byte[] bytes, int start) {
        int to = rest(bytes, start, bytes.length);
        Span first = Span.trimmed(bytes, start, to, " \t");
        String small = first.to - first.from <= SCHEME_BYTES_MAX ? TagMark.lower(bytes, first.from, first.to) : "";
        boolean scheme = SecretBearer.isScheme(bytes, first.from, first.to) || OTHER_SCHEMES.contains(small);
        int line = Span.at(bytes, to) == '\r' ? to + 1 : to;
        int next = Span.skip(bytes, line + 1, " \t");
        boolean isFolded = Span.at(bytes, line) == '\n' && next > line + 1;
        return isFolded && (scheme || Span.at(bytes, first.to - 1) == ';') ? rest(bytes, next) : to;
    }

    /** Where a header ends that is a string as a whole, as an option's is: {@code -H 'Cookie: a=b' https://h/}. */
    private static int within(byte[] bytes, int first, int start, boolean fold) {
        if (Span.at(bytes, first - 1) != '\'') {
            return fold ? folded(bytes, start) : rest(bytes, start);
        }
        // One that is none is read no further than the string.
        int length = Span.until(bytes, start, "'") - start;
        byte[] part = Arrays.copyOfRange(bytes, start, Math.min(bytes.length, start + length + 1));
        return start + Math.min(length, fold ? folded(part, 0) : rest(part, 0));
    }

    /** As {@link SecretNames#plain} writes it; empty, if it has letters of other languages, or escapes. */
    private static String name(byte[] bytes, int first, int end) {
        for (int at = first; at < end; at++) {
            if (!SecretPlace.isName(bytes[at]) && PHRASE_BLANKS.indexOf(bytes[at]) < 0) {
                return "";
            }
        }
        return SecretNames.plain(Span.text(bytes, first, end));
    }

    /** Whether a name is the first of its line, or of its string. */
    private static boolean isFirst(byte[] bytes, int from, byte[] marks) {
        int at = from;
        while (at > 0 && Span.find(marks, 0, marks.length, new byte[] {bytes[at - 1]}) >= 0) {
            at--;
        }
        return at == 0 || bytes[at - 1] == '\r' || bytes[at - 1] == '\n' || Span.first(bytes, at - 2, BREAKS) != null;
    }

    /** Where the line ends, or a tag begins, or the string of JSON ends that it is part of. */
    private static int rest(byte[] bytes, int start) {
        return rest(bytes, start, bytes.length);
    }

    /** The same, unless it is longer. */
    static int rest(byte[] bytes, int start, int max) {
        int limit = Math.min(max, bytes.length);
        boolean open = false;
        for (int at = start; at < limit; at++) {
            int b = bytes[at];
            if (b == '\r' || b == '\n' || b == '<') {
                return at;
            }
            if (b == '"') {
                int next = Span.skip(bytes, at + 1, " \t\r\n");
                if (!open && (next >= limit || ",}]".indexOf(bytes[next]) >= 0)) {
                    return at;
                }
                open = !open;
            } else if (b == '\\' && at + 1 < limit && "\r\n<".indexOf(bytes[at + 1]) < 0) {
                at++;
            }
        }
        return Math.max(start, limit);
    }

    /** What stands between brackets after {@code rejected value}, or null. */
    static Span rejected(byte[] bytes, int at) {
        if (!Span.startsWith(bytes, at, REJECTED)) {
            return null;
        }
        int start = at + REJECTED.length;
        int end = rest(bytes, start, start + REJECTED_BYTES_MAX);
        int close = Span.find(bytes, start, end, REJECTED_END);
        close = close < 0 ? Span.until(bytes, start, end, "]\r\n") : close;
        return new Span(start, close);
    }

    static int wordEnd(byte[] bytes, int start) {
        return wordEnd(bytes, start, bytes.length);
    }

    private static int wordEnd(byte[] bytes, int start, int limit) {
        int at = start;
        while (at < limit && WORD_ENDS.indexOf(bytes[at]) < 0) {
            int b = bytes[at];
            if ((b == '\\' || b == '&') && Quote.at(bytes, at) != null) {
                break;
            }
            String entity = b == '&' ? SecretPlace.entity(bytes, at) : null;
            if (entity != null && TAGS.contains(entity)) {
                break;
            }
            at = b == '\\' ? Span.skip(bytes, at, "\\") : at + (entity == null ? 1 : entity.length() + 2);
        }
        return at;
    }

    /** Whether a word of a sentence begins there, with another after it, or with the end of its element; or an answer. */
    static boolean isProse(byte[] bytes, int start, boolean word) {
        int end = start;
        while (end <= start + PROSE_BYTES_MAX && Span.at(bytes, end) >= 'a' && Span.at(bytes, end) <= 'z') {
            end++;
        }
        int to = Span.skip(bytes, end, " \t");
        boolean followed = to > end && to < bytes.length && bytes[to] != '\r' && bytes[to] != '\n';
        boolean closed = word && Span.at(bytes, end) == '<';
        boolean one = end - start >= PROSE_BYTES_MIN && end - start <= PROSE_BYTES_MAX;
        return one && (followed || closed) || Span.first(bytes, start, ANSWERS) != null;
    }

    /** Whether a function's name is there that is called. */
    static boolean isCall(byte[] bytes, int start) {
        int end = start;
        while (end <= start + CALL_BYTES_MAX && isCallPart(Span.at(bytes, end))) {
            end++;
        }
        return end > start && end - start <= CALL_BYTES_MAX && Span.at(bytes, end) == '(';
    }

    private static boolean isCallPart(int b) {
        return SecretPlace.isLetter(b) || b == '_' || b == '.';
    }
}
