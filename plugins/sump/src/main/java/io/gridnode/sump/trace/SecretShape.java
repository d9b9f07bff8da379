package io.gridnode.sump.trace;

import java.util.ArrayList;
import java.util.List;

/** What is a secret by its shape, whatever stands beside it. {@code at} to {@code end} is a word. */
final class SecretShape {
    /** Of a part of a web token. */
    private static final int PART_CHARS_MIN = 8;
    private static final int CARD_DIGITS_MAX = 19;
    /** Blanks and marks between the digits of a card that stand after four digits, also as a form or a page has them. */
    private static final byte[][] CARD_GAPS = Span.all(
            "+", ".", "_", "%20", "&nbsp;", "&#160;", "&#xa0;", "&#xA0;", "\u00a0", "\u202f", "\\" + "u00a0", "\\" + "u00A0");
    /** What may stand there as well, but is often between a card and other numbers. */
    private static final byte[][] WIDE_GAPS = Span.all(
            "+", ".", "_", "%20", "&nbsp;", "&#160;", "&#xa0;", "&#xA0;", "\u00a0", "\u202f", "\\" + "u00a0", "\\" + "u00A0",
            "  ", "\t", "/", "%2F", "%2f", "\u2013", "&ndash;", "&#8211;", "\\" + "u2013");
    private static final int GROUP_DIGITS = 4;
    /** Digits that follow a card's number in its second track, and what is between them. */
    private static final int TRACK_DIGITS_MIN = 7;
    private static final int TRACK_DIGITS_MAX = 24;
    private static final byte[][] TRACK_SIGNS = Span.all("=", "%3D", "%3d");
    private static final byte[] PERCENT = Span.utf8("25");

    private SecretShape() {}

    /**
     * A number of a payment card: its length, its first digit and its check digit fit. Blanks or marks may group it. The word may be
     * what a card's first track begins with.
     */
    static Span card(byte[] bytes, int at) {
        int start = at + track(bytes, at);
        if (!Span.isDigit(bytes[start])) {
            return null;
        }
        int end = -1;
        for (byte[][] gaps : new byte[][][] {WIDE_GAPS, CARD_GAPS, {}}) {
            end = end < 0 ? number(bytes, start, gaps) : end;
        }
        return end < 0 ? null : new Span(start, secondTrack(bytes, end));
    }

    /** Numbers of cards within the word, glued to letters: {@code id4111111111111111x}. After a point it is a fraction's. */
    static List<Span> gluedCards(byte[] bytes, int at, int end) {
        List<Span> found = new ArrayList<>();
        int next = at;
        while (next < end) {
            int digits = next;
            while (digits < end && Span.isDigit(bytes[digits])) {
                digits++;
            }
            int before = Span.at(bytes, next - 1);
            boolean glued = next > at && (before == '_' || Span.isAlphanumeric(before) && !Span.isDigit(before));
            int to = digits > next && glued ? number(bytes, next, new byte[][] {}) : -1;
            if (to >= 0) {
                found.add(new Span(next, secondTrack(bytes, to)));
            }
            next = Math.max(next + 1, digits);
        }
        return found;
    }

    /** Where a card's number ends whose digits these group, or -1. */
    private static int number(byte[] bytes, int start, byte[][] gaps) {
        int[] digits = new int[CARD_DIGITS_MAX];
        int count = 0;
        int end = start;
        while (end < bytes.length) {
            int gap = Span.isDigit(bytes[end]) ? 0 : gap(bytes, end, gaps);
            if (gap < 0 || !Span.isDigit(Span.at(bytes, end + gap))) {
                break;
            }
            if (count == CARD_DIGITS_MAX) {
                return -1;
            }
            digits[count++] = bytes[end + gap] - '0';
            end += gap + 1;
        }
        return fits(count, digits[0]) && luhn(digits, count) ? end : -1;
    }

    /** Where a card's second track ends, whose number ends there. */
    private static int secondTrack(byte[] bytes, int end) {
        byte[] sign = Span.first(bytes, end, TRACK_SIGNS);
        int start = sign == null ? end : end + sign.length;
        int to = start;
        while (sign != null && to - start < TRACK_DIGITS_MAX && Span.isDigit(Span.at(bytes, to))) {
            to++;
        }
        return to - start >= TRACK_DIGITS_MIN ? to : end;
    }

    /** The length of {@code %B} before a digit, also as a URL has it. */
    private static int track(byte[] bytes, int at) {
        if (bytes[at] != '%') {
            return 0;
        }
        int b = Span.startsWith(bytes, at + 1, PERCENT) ? at + 3 : at + 1;
        return (Span.at(bytes, b) | 0x20) == 'b' && Span.isDigit(Span.at(bytes, b + 1)) ? b + 1 - at : 0;
    }

    /** The length of what may stand there between digits, or -1. */
    private static int gap(byte[] bytes, int at, byte[][] gaps) {
        if (gaps.length == 0 || (bytes[at] == ' ' || bytes[at] == '-') && Span.isDigit(Span.at(bytes, at + 1))) {
            return gaps.length == 0 ? -1 : 1;
        }
        byte[] gap = Span.first(bytes, at, gaps);
        for (int i = at - GROUP_DIGITS; i < at; i++) {
            if (!Span.isDigit(Span.at(bytes, i))) {
                return -1;
            }
        }
        return gap == null ? -1 : gap.length;
    }

    private static boolean fits(int count, int first) {
        return count == 13 && first == 4
                || (count == 14 || count == 15) && first == 3
                || count >= 16 && first >= 2 && first <= 6;
    }

    private static boolean luhn(int[] digits, int count) {
        int sum = 0;
        boolean differ = false;
        for (int i = 0; i < count; i++) {
            int digit = digits[count - 1 - i] << i % 2;
            sum += digit > 9 ? digit - 9 : digit;
            differ |= digits[i] != digits[0];
        }
        return sum % 10 == 0 && differ;
    }

    /** A JSON Web Token: three parts in base64, the first of which is JSON; of five the second may be empty. */
    static Span webToken(byte[] bytes, int at, int end) {
        if (bytes[at] != 'e' || !Span.text(bytes, at, Math.min(end, at + 3)).equals("eyJ")) {
            return null;
        }
        String[] parts = Span.text(bytes, at, end).split("\\.", -1);
        boolean fits = parts.length >= 3 && isPart(parts[1]) || parts.length >= 5 && parts[1].isEmpty();
        return fits && isPart(parts[0]) ? new Span(at, end) : null;
    }

    private static boolean isPart(String part) {
        return part.length() >= PART_CHARS_MIN
                && part.chars().allMatch(c -> Span.isAlphanumeric(c) || c == '-' || c == '_');
    }
}
