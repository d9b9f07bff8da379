package io.gridnode.sump.trace;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** The end of a text that was cut. What may be part of a secret there has no shape that tells it. */
final class CutText {
    /** Bytes of the longest run that is dropped; of a shorter text half of it, but as many as these. */
    private static final int RUN_BYTES_MAX = 4_096;
    private static final int RUN_BYTES_MIN = 64;
    private static final String BLANKS = " \t\r\n";
    /** Groups of digits before it that may be a card's, and digits of each. */
    private static final int GROUPS_MAX = 5;
    private static final int GROUP_DIGITS_MAX = 6;

    private CutText() {}

    /** Without what is not blank at its end. */
    static String whole(String text) {
        byte[] bytes = Span.utf8(text);
        int run = Math.min(RUN_BYTES_MAX, Math.max(RUN_BYTES_MIN, bytes.length / 2));
        int min = Math.max(0, bytes.length - run);
        int at = bytes.length;
        boolean digits = true;
        while (at > min && BLANKS.indexOf(bytes[at - 1]) < 0) {
            at--;
            digits &= Span.isDigit(bytes[at]);
        }
        if (digits) {
            at = withoutGroups(bytes, at);
        }
        while (at > 0 && (Span.at(bytes, at) & 0xC0) == 0x80) {
            at--;
        }
        // Half a place holder is none.
        byte[] beginning = Span.utf8(SecretMark.BEGINNING);
        for (int mark = at - 1; mark >= Math.max(0, at - 2 * beginning.length); mark--) {
            if (Span.startsWith(bytes, mark, beginning) && mark + SecretMark.length(bytes, mark, bytes.length) > at) {
                at = mark;
            }
        }
        return new String(Arrays.copyOf(bytes, at), StandardCharsets.UTF_8);
    }

    private static int withoutGroups(byte[] bytes, int to) {
        int at = to;
        for (int i = 0; i < GROUPS_MAX && Span.at(bytes, at - 1) == ' '; i++) {
            int first = at - 1;
            while (Span.isDigit(Span.at(bytes, first - 1))) {
                first--;
            }
            int digits = at - 1 - first;
            if (digits < 1 || digits > GROUP_DIGITS_MAX) {
                break;
            }
            at = first;
        }
        return at;
    }
}
