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
        Span token = start < 0 ? null : token(bytes, start);
        if (token == null) {
            return null;
        }
        boolean letter = false;
        boolean digit = false;
        for (int i = token.from; i < token.to; i++) {
            letter |= SecretPlace.isLetter(bytes[i]);
            digit |= Span.isDigit(bytes[i]);
        }
        return letter && digit && (sure || hasState(bytes, at, token.to)) ? token : null;
    }

    /** The value of one of the proofs, which the word may be, if it looks like a token, or null. */
    static Span proof(byte[] bytes, int at, int end) {
        boolean proof = Span.at(bytes, end) == '=' && SecretTags.isAny(bytes, at, end, PROOFS);
        return proof ? token(bytes, end + 1) : null;
    }

    private static Span token(byte[] bytes, int start) {
        int to = start;
        while (to < bytes.length && (Span.isAlphanumeric(bytes[to]) || TOKEN_MARKS.indexOf(bytes[to]) >= 0)) {
            to++;
        }
        boolean whole = to == bytes.length || TOKEN_ENDS.indexOf(bytes[to]) >= 0;
        return whole && to - start >= TOKEN_BYTES_MIN ? new Span(start, to) : null;
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

    private static boolean hasState(byte[] bytes, int at, int end) {
        int first = Math.max(0, at - QUERY_BYTES_MAX);
        int from = at;
        while (from > first && QUERY_ENDS.indexOf(bytes[from - 1]) < 0) {
            from--;
        }
        int last = Math.min(bytes.length, end + QUERY_BYTES_MAX);
        return isStateIn(bytes, from, at) || isStateIn(bytes, end, Math.min(last, Span.until(bytes, end, QUERY_ENDS)));
    }

    private static boolean isStateIn(byte[] bytes, int from, int to) {
        int at = Span.find(bytes, from, to, STATE);
        while (at > from && SecretPlace.isName(bytes[at - 1])) {
            at = Span.find(bytes, at + 1, to, STATE);
        }
        return at >= 0;
    }
}
