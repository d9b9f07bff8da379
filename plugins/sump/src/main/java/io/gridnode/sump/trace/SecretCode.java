package io.gridnode.sump.trace;

import java.util.Set;

/** Codes for which a service gives tokens: {@code ?code=4/0AX4XfWh&state=1}. Many others are named so, which are no secrets. */
final class SecretCode {
    static final String NAME = "code";
    /** What proves who one is, as a parameter. */
    private static final Set<String> PROOFS = Set.of("ticket", "assertion", "client_assertion");
    /** What a text has that has such a code. */
    private static final byte[][] WORDS = Span.all("grant_type", "redirect_uri", "code_verifier");
    /** Another parameter of its query, and how far that is. */
    private static final byte[] STATE = Span.utf8("state=");
    private static final int QUERY_BYTES_MAX = 1_024;
    private static final String QUERY_ENDS = " \t\r\n\"'<>";
    private static final int TOKEN_BYTES_MIN = 12;
    private static final String TOKEN_MARKS = "._~/+-%";
    /** What may follow it. */
    private static final String TOKEN_ENDS = "&;#, \t\r\n\"'<>()[]{}\\";

    /** What asks for a code's token, beside it. */
    private static final byte[] GRANT = Span.utf8("grant_type=authorization_code");
    private static final int GRANTED_BYTES_MIN = 8;
    /** A proof in JSON; and those that say what they are. */
    private static final int ASSERTION_BYTES_MIN = 20;
    private static final byte[][] TICKETS = Span.all("ST-", "PT-", "TGT-", "PGT-");
    private static final Set<String> TICKET = Set.of("ticket");
    private static final Set<String> ASSERTION = Set.of("assertion");

    private SecretCode() {}

    /** Whether any code in a text may be one. */
    static boolean isExchange(byte[] bytes) {
        for (byte[] word : WORDS) {
            if (Span.find(bytes, 0, bytes.length, word) >= 0) {
                return true;
            }
        }
        return false;
    }

    /** The value of the word {@code code}, if it looks like a token, or null. */
    static Span of(byte[] bytes, int at, int end, boolean sure) {
        int start = start(bytes, at, end);
        Span granted = start < 0 || Span.at(bytes, end) != '=' ? null : token(bytes, start, GRANTED_BYTES_MIN);
        if (granted != null && isBeside(GRANT, bytes, at, granted.to)) {
            return granted;
        }
        Span token = start < 0 ? null : token(bytes, start, TOKEN_BYTES_MIN);
        if (token == null) {
            return null;
        }
        boolean letter = false;
        boolean digit = false;
        for (int i = token.from; i < token.to; i++) {
            letter |= SecretPlace.isLetter(bytes[i]);
            digit |= Span.isDigit(bytes[i]);
        }
        return letter && digit && (sure || isBeside(STATE, bytes, at, token.to)) ? token : null;
    }

    /** The value of one of the proofs, which the word may be, if it looks like a token, or null. */
    static Span proof(byte[] bytes, int at, int end) {
        if (!SecretTags.isAny(bytes, at, end, PROOFS)) {
            return null;
        }
        if (Span.at(bytes, end) == '=') {
            byte[] prefix = SecretTags.isAny(bytes, at, end, TICKET) ? Span.first(bytes, end + 1, TICKETS) : null;
            return token(bytes, end + 1, prefix == null ? TOKEN_BYTES_MIN : prefix.length + 1);
        }
        if (!SecretTags.isAny(bytes, at, end, ASSERTION) || Quote.at(bytes, end) == null) {
            return null;
        }
        int start = start(bytes, at, end);
        return start < 0 ? null : token(bytes, start, ASSERTION_BYTES_MIN);
    }

    private static Span token(byte[] bytes, int start, int lengthMin) {
        int to = start;
        while (to < bytes.length && (Span.isAlphanumeric(bytes[to]) || TOKEN_MARKS.indexOf(bytes[to]) >= 0)) {
            to++;
        }
        boolean whole = to == bytes.length || TOKEN_ENDS.indexOf(bytes[to]) >= 0;
        return whole && to - start >= lengthMin ? new Span(start, to) : null;
    }

    private static int start(byte[] bytes, int at, int end) {
        SecretMarkup kind = SecretMarkup.of(bytes, at, end);
        if (kind != null) {
            int close = kind.tagEnd(bytes, end);
            return close < 0 ? -1 : close + kind.closing(bytes, close);
        }
        Quote named = Quote.at(bytes, end);
        int next = Span.skip(bytes, named == null ? end : named.after, " \t");
        byte[] separator = Span.first(bytes, next, SecretPlace.SEPARATORS);
        if (separator == null) {
            return -1;
        }
        int start = Span.skip(bytes, next + separator.length, " \t\r\n");
        Quote open = Quote.at(bytes, start);
        return open == null ? start : open.after;
    }

    private static boolean isBeside(byte[] what, byte[] bytes, int at, int end) {
        int first = Math.max(0, at - QUERY_BYTES_MAX);
        int from = at;
        while (from > first && QUERY_ENDS.indexOf(bytes[from - 1]) < 0) {
            from--;
        }
        int last = Math.min(bytes.length, end + QUERY_BYTES_MAX);
        return isIn(what, bytes, from, at) || isIn(what, bytes, end, Math.min(last, Span.until(bytes, end, QUERY_ENDS)));
    }

    private static boolean isIn(byte[] what, byte[] bytes, int from, int to) {
        int at = Span.find(bytes, from, to, what);
        while (at > from && SecretPlace.isName(bytes[at - 1])) {
            at = Span.find(bytes, at + 1, to, what);
        }
        return at >= 0;
    }
}
