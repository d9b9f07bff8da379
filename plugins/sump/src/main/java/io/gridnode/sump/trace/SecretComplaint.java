package io.gridnode.sump.trace;

import java.util.Locale;
import java.util.Set;

/** Complaints about a value, which stand where it would: {@code password: too short}, {@code {"password":"is required"}}. */
final class SecretComplaint {
    /** Words that complain. */
    private static final Set<String> STATES = words(
            "blank blocked breached denied disabled empty expired incorrect invalid malformed mismatch missing "
            + "rejected required revoked unauthorized unknown weak wrong");
    /** Those that do in more words only: one of them may be a password. */
    private static final Set<String> REASONS = words(
            "characters common digits length long match must no not same should short");
    /** Those that may stand beside them. A value of other words may be a passphrase. */
    private static final Set<String> OTHERS = words(
            "a again already an and are at be been before between by can can't cannot confirmation contain containing "
            + "contains current digit do does doesn't entirely equal exceed field find found had has have in include "
            + "includes is it least letter letters lowercase maximum may minimum more most number numbers numeric of "
            + "one only or password passwords please provided similar special symbol symbols than that the this to "
            + "token too try uppercase use used valid value was were with your");
    private static final int DIGITS_MAX = 4;
    /** What may stand around a word. */
    private static final String MARKS = ".,;:!?()}]";
    private static final String WHITE = " \t\r\n\u000b\f";
    /** Of a complaint. */
    private static final int BYTES_MAX = 160;

    private SecretComplaint() {}

    private static Set<String> words(String words) {
        return Set.of(words.split(" "));
    }

    /** Whether a value is one. */
    static boolean is(byte[] bytes, Span value) {
        if (value.to - value.from > BYTES_MAX) {
            return false;
        }
        int words = 0;
        boolean state = false;
        boolean reason = false;
        int at = Span.skip(bytes, value.from, WHITE);
        while (at < value.to) {
            int end = Span.until(bytes, at, value.to, WHITE);
            Span inner = Span.trimmed(bytes, at, end, MARKS);
            String word = Span.text(bytes, inner.from, inner.to).toLowerCase(Locale.ROOT);
            boolean isState = STATES.contains(word);
            boolean isReason = REASONS.contains(word);
            if (!isState && !isReason && !OTHERS.contains(word) && !isNumber(word)) {
                return false;
            }
            state |= isState;
            reason |= isReason;
            words++;
            at = Span.skip(bytes, end, WHITE);
        }
        return state || reason && words > 1;
    }

    private static boolean isNumber(String word) {
        return !word.isEmpty() && word.length() <= DIGITS_MAX && word.chars().allMatch(Span::isDigit);
    }
}
