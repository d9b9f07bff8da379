package io.gridnode.sump.trace;

import java.util.Set;
import java.util.regex.Pattern;

/** Codes for which a service gives tokens: {@code ?code=4/0AX4XfWh&state=1}. Many others are named so, which are no secrets. */
final class SecretCode {
    static final String NAME = "code";
    /** What proves who one is, as a parameter. */
    private static final Set<String> PROOFS = Set.of("ticket", "assertion", "client_assertion");
    /** What a text has that has such a code. */
    private static final byte[][] WORDS = Span.all("grant_type", "redirect_uri", "code_verifier");
    /** Another parameter of its query, and how far that is. */
    private static final byte[][] STATES = Span.all("state=", "scope=");
    private static final int QUERY_BYTES_MAX = 1_024;
    private static final String QUERY_ENDS = " \t\r\n\"'<>";
    private static final int TOKEN_BYTES_MIN = 12;
    private static final String TOKEN_MARKS = "._~/+-%";
    /** What may follow it. */
    private static final String TOKEN_ENDS = "&;#, \t\r\n\"'<>()[]{}\\";

    /** What asks for a code's token, beside it. */
    private static final byte[] GRANT = Span.utf8("grant_type=authorization_code");
    private static final int GRANTED_BYTES_MIN = 4;
    /** The same in JSON: its name, its value, the bytes between, and how far it is. */
    private static final byte[] GRANT_NAME = Span.utf8("grant_type");
    private static final byte[] GRANT_VALUE = Span.utf8("authorization_code");
    private static final String GRANT_MARKS = "\\\"' :";
    private static final int GRANT_BYTES_MAX = 20;
    private static final int MEMBER_BYTES_MAX = 512;
    /** Beside it a service's answer may have a code of its own: {@code 404}, {@code E_BAD}, {@code invalid_grant}. */
    private static final Pattern ANSWER = Pattern.compile("[0-9]{1,6}|[A-Z_]++|[a-z]++(?:_[a-z]++)++");
    /** In a query one is told by itself if it is long, and has letters of both sizes, or no mark in it. */
    private static final int LONG_BYTES_MIN = 16;
    private static final String[] PARAMETERS = {"?", "&", "&amp;"};
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
        Span granted = start < 0 || !sure ? null : token(bytes, start, GRANTED_BYTES_MIN);
        if (granted != null && !isAnswer(bytes, granted) && isGranted(bytes, at, end, granted.to)) {
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
        boolean one = sure || isLong(bytes, at, end, token);
        for (byte[] state : STATES) {
            one = one || isBeside(state, bytes, at, token.to);
        }
        return letter && digit && one ? token : null;
    }

    private static boolean isAnswer(byte[] bytes, Span code) {
        return ANSWER.matcher(Span.text(bytes, code.from, code.to)).matches();
    }

    private static boolean isGranted(byte[] bytes, int at, int end, int to) {
        if (Span.at(bytes, end) == '=') {
            return isBeside(GRANT, bytes, at, to);
        }
        return hasGrant(bytes, Math.max(0, at - MEMBER_BYTES_MAX), at)
                || hasGrant(bytes, to, Math.min(bytes.length, to + MEMBER_BYTES_MAX));
    }

    private static boolean hasGrant(byte[] bytes, int from, int to) {
        for (int at = Span.find(bytes, from, to, GRANT_NAME); at >= 0; at = Span.find(bytes, at + 1, to, GRANT_NAME)) {
            int start = at + GRANT_NAME.length;
            int value = Math.min(Span.skip(bytes, start, GRANT_MARKS), start + GRANT_BYTES_MAX);
            boolean colon = Span.text(bytes, start, Math.min(value, to)).indexOf(':') >= 0;
            if (colon && value + GRANT_VALUE.length <= to && Span.startsWith(bytes, value, GRANT_VALUE)) {
                return true;
            }
        }
        return false;
    }

    /** Whether it is one whatever stands beside it, as a query's parameter. */
    private static boolean isLong(byte[] bytes, int at, int end, Span code) {
        boolean parameter = false;
        for (String mark : PARAMETERS) {
            parameter |= Span.at(bytes, end) == '=' && Span.startsWith(bytes, at - mark.length(), Span.utf8(mark));
        }
        boolean small = false;
        boolean great = false;
        int run = 0;
        for (int i = code.from; i < code.to; i++) {
            small |= bytes[i] >= 'a' && bytes[i] <= 'z';
            great |= bytes[i] >= 'A' && bytes[i] <= 'Z';
            run = Span.isAlphanumeric(bytes[i]) ? run + 1 : 0;
            great |= run >= LONG_BYTES_MIN;
        }
        return parameter && code.to - code.from >= LONG_BYTES_MIN && small && great;
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
        return isIn(what, bytes, from, at) || isIn(what, bytes, end, Span.until(bytes, end, last, QUERY_ENDS));
    }

    private static boolean isIn(byte[] what, byte[] bytes, int from, int to) {
        int at = Span.find(bytes, from, to, what);
        while (at > from && SecretPlace.isName(bytes[at - 1])) {
            at = Span.find(bytes, at + 1, to, what);
        }
        return at >= 0;
    }
}
