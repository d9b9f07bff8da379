package io.gridnode.sump.trace;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Strings that a program's text joins: {@code "Bearer " + "abc"}, {@code "Basic " + btoa("bob:abc")}. */
final class SecretJoin {
    private static final Pattern SCHEME = Pattern.compile("(?i)(?:bearer|basic|token|digest|apikey)[ \t]*+");
    private static final Pattern PLUS = Pattern.compile("[ \t\r\n]*+\\+[ \t\r\n]*+(?:(?:window\\.)?btoa\\([ \t]*+)?+");
    /** Strings that are looked at. */
    private static final int STRINGS_MAX = 8;
    private static final int SCHEME_BYTES_MAX = 8;
    private static final String[] SCHEMES = {"bearer", "basic"};

    private SecretJoin() {}

    /** What of a string is secret, and of those that are joined to it. A scheme stays; it may be all there is. */
    static Span joined(byte[] bytes, Span value) {
        int start = value.from;
        int to = value.to;
        int length = to - start;
        boolean scheme = length <= SCHEME_BYTES_MAX && SCHEME.matcher(SecretScript.head(bytes, start, length)).matches();
        for (int count = 0; count < STRINGS_MAX; count++) {
            Quote close = Quote.at(bytes, to);
            Matcher plus = close == null ? null : SecretScript.at(bytes, close.after, PLUS);
            if (plus == null) {
                break;
            }
            boolean first = count == 0 && scheme;
            Quote open = Quote.at(bytes, close.after + plus.end());
            if (open == null) {
                // A variable has it.
                return new Span(first ? to : start, to);
            }
            start = first ? open.after : start;
            to = SecretScript.closing(bytes, open);
        }
        return new Span(start, to);
    }

    /** What is joined to a string that is the scheme from {@code at} to {@code end}, whatever stands before it; or null. */
    static Span toScheme(byte[] bytes, int at, int end) {
        int mark = Span.at(bytes, at - 1);
        if (mark != '"' && mark != '\'') {
            return null;
        }
        for (String scheme : SCHEMES) {
            if (end - at == scheme.length() && TagMark.isAt(bytes, at, scheme)) {
                int blank = Span.at(bytes, end) == ' ' ? end + 1 : end;
                Quote close = Quote.at(bytes, blank);
                boolean plus = close != null && SecretScript.at(bytes, close.after, PLUS) != null;
                return plus ? joined(bytes, new Span(at, blank)) : null;
            }
        }
        return null;
    }
}
