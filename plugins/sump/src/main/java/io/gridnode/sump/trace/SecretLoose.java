package io.gridnode.sump.trace;

import java.util.Set;

/**
 * Values that stand beside their names with no sign between them: {@code --password s3cret}, also in a list,
 * {@code Password [s3cret]}, a tab, {@code define('PASSWORD', 's3cret')}.
 */
final class SecretLoose {
    private static final byte[] OPTION = Span.utf8("--");
    private static final String OPTION_ENDS = " \t\r\n\"'<>\\";
    private static final String NEXT = " \t\"'\\(&";
    private static final String BLANKS = " \t";
    private static final String WHITE = " \t\r\n";
    /** Also a key of the keyboard, or of an object, a season's pass. */
    private static final Set<String> NO_NAMES = Set.of("key", "pass", "pan", "bearer");

    private SecretLoose() {}

    /** The value beside a word, or null; {@code headEnd}: up to where a table's titles may stand, which are none. */
    static Span of(byte[] bytes, int at, int end, int headEnd, SecretNames names) {
        if (end >= bytes.length || NEXT.indexOf(bytes[end]) < 0) {
            return null;
        }
        String name = Span.text(bytes, at, end);
        if (!names.isSecret(name)) {
            return null;
        }
        boolean option = Span.startsWith(bytes, at, OPTION);
        if (bytes[end] == '(') {
            return SecretCall.setter(bytes, at, end);
        }
        if (BLANKS.indexOf(bytes[end]) < 0) {
            return option ? listed(bytes, end) : SecretCall.argument(bytes, at, end);
        }
        if (option) {
            return option(bytes, end, name);
        }
        if (NO_NAMES.contains(SecretNames.plain(name))) {
            return null;
        }
        int bracket = Span.skip(bytes, end, BLANKS);
        if (Span.at(bytes, bracket) == '[' && !SecretBeside.isPair(bytes, bracket + 1)) {
            return new Span(bracket + 1, Span.until(bytes, bracket + 1, "[]\r\n"));
        }
        int start = Span.skip(bytes, end, "\t");
        if (start == end) {
            return null;
        }
        int to = Span.until(bytes, start, "\t\r\n");
        return at >= headEnd || hasDigit(bytes, start, to) ? new Span(start, to) : null;
    }

    private static boolean hasDigit(byte[] bytes, int from, int to) {
        int at = from;
        while (at < to && !Span.isDigit(bytes[at])) {
            at++;
        }
        return at < to;
    }

    private static Span option(byte[] bytes, int end, String name) {
        int start = Span.skip(bytes, end, BLANKS);
        if (Span.at(bytes, start) == '-') {
            return null;
        }
        Quote open = Quote.at(bytes, start);
        if (open != null) {
            return new Span(open.after, open.closing(bytes));
        }
        int to = Span.until(bytes, start, OPTION_ENDS);
        return SecretBeside.isStandIn(name, Span.text(bytes, start, to)) ? null : new Span(start, to);
    }

    /** The string after an option's, or null. */
    private static Span listed(byte[] bytes, int end) {
        Quote close = Quote.at(bytes, end);
        int comma = close == null ? -1 : Span.skip(bytes, close.after, WHITE);
        Quote open = Span.at(bytes, comma) == ',' ? Quote.at(bytes, Span.skip(bytes, comma + 1, WHITE)) : null;
        return open == null || Span.at(bytes, open.after) == '-' ? null : new Span(open.after, open.closing(bytes));
    }
}
