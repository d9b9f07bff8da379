package io.gridnode.sump.trace;

import java.util.Set;

/**
 * Values that stand beside their names with no sign between them: {@code --password s3cret}, also in a list,
 * {@code Password [s3cret]}, a tab, {@code define('PASSWORD', 's3cret')}.
 */
final class SecretLoose {
    private static final byte[] OPTION = Span.utf8("--");
    private static final String OPTION_ENDS = " \t\r\n\"'<>\\";
    private static final String DEFINE = "define";
    /** Of what stands before a constant's name. */
    private static final int DEFINE_BYTES_MAX = 24;
    private static final String NEXT = " \t\"'\\";
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
        if (BLANKS.indexOf(bytes[end]) < 0) {
            return listed(bytes, at, end);
        }
        if (Span.startsWith(bytes, at, OPTION)) {
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
        int to = Span.until(bytes, start, "\t\r\n");
        return start > end && (at >= headEnd || hasDigit(bytes, start, to)) ? new Span(start, to) : null;
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

    /** The string after an option's or a constant's, or null. */
    private static Span listed(byte[] bytes, int at, int end) {
        Quote close = Quote.at(bytes, end);
        int comma = close == null ? -1 : Span.skip(bytes, close.after, WHITE);
        boolean option = Span.startsWith(bytes, at, OPTION);
        if (Span.at(bytes, comma) != ',' || !option && !isDefined(bytes, at)) {
            return null;
        }
        Quote open = Quote.at(bytes, Span.skip(bytes, comma + 1, WHITE));
        boolean other = open == null || option && Span.at(bytes, open.after) == '-';
        return other ? null : new Span(open.after, open.closing(bytes));
    }

    /** Whether what begins there is what a constant's name is. */
    private static boolean isDefined(byte[] bytes, int at) {
        int first = Math.max(0, at - DEFINE_BYTES_MAX);
        int quote = Span.at(bytes, at - 1);
        if (quote != '"' && quote != '\'') {
            return false;
        }
        int open = blanks(bytes, first, Span.at(bytes, at - 2) == '\\' ? at - 2 : at - 1) - 1;
        if (Span.at(bytes, open) != '(') {
            return false;
        }
        int start = blanks(bytes, first, open) - DEFINE.length();
        return start >= first && TagMark.isAt(bytes, start, DEFINE);
    }

    /** Where the blanks begin that end there. */
    private static int blanks(byte[] bytes, int first, int end) {
        int at = end;
        while (at > first && BLANKS.indexOf(bytes[at - 1]) >= 0) {
            at--;
        }
        return at;
    }
}
