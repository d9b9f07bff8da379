package io.gridnode.sump.trace;

/** What is a secret by its shape, whatever stands beside it. {@code at} to {@code end} is a word. */
final class SecretShape {
    /** Characters of the shortest token after {@code Bearer}. */
    private static final int TOKEN_CHARS_MIN = 8;
    /** Of a part of a web token. */
    private static final int PART_CHARS_MIN = 8;
    private static final int CARD_DIGITS_MAX = 19;

    private SecretShape() {}

    /** A number of a payment card: its length, its first digit and its check digit fit. Blanks or hyphens may group it. */
    static Span card(byte[] bytes, int at) {
        if (!Span.isDigit(bytes[at])) {
            return null;
        }
        int[] digits = new int[CARD_DIGITS_MAX];
        int count = 0;
        int end = at;
        for (; end < bytes.length; end++) {
            int b = bytes[end];
            boolean gap = (b == ' ' || b == '-') && Span.isDigit(Span.at(bytes, end + 1));
            if (Span.isDigit(b)) {
                if (count == CARD_DIGITS_MAX) {
                    return null;
                }
                digits[count++] = b - '0';
            } else if (!gap || count == 0) {
                break;
            }
        }
        int next = Span.at(bytes, end);
        boolean word = Span.isAlphanumeric(next) || next == '_';
        return fits(count, digits[0]) && !word && luhn(digits, count) ? new Span(at, end) : null;
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

    /** A JSON Web Token: three parts in base64, the first of which is JSON. */
    static Span webToken(byte[] bytes, int at, int end) {
        if (bytes[at] != 'e' || !Span.text(bytes, at, Math.min(end, at + 3)).equals("eyJ")) {
            return null;
        }
        String[] parts = Span.text(bytes, at, end).split("\\.", -1);
        return parts.length >= 3 && isPart(parts[0]) && isPart(parts[1]) ? new Span(at, end) : null;
    }

    private static boolean isPart(String part) {
        return part.length() >= PART_CHARS_MIN
                && part.chars().allMatch(c -> Span.isAlphanumeric(c) || c == '-' || c == '_');
    }

    /** Whether a word is one that stands before a token. */
    static boolean isScheme(byte[] bytes, int at, int end) {
        if (end - at != 6 && end - at != 5) {
            return false;
        }
        String word = Span.text(bytes, at, end);
        return word.equalsIgnoreCase("bearer") || word.equalsIgnoreCase("basic");
    }

    /** What follows {@code Bearer} or {@code Basic}. */
    static Span credentials(byte[] bytes, int at, int end) {
        if (!isScheme(bytes, at, end)) {
            return null;
        }
        int start;
        if (Span.at(bytes, end) == ' ') {
            start = end + 1;
        } else if (Span.startsWith(bytes, end, Span.utf8("%20"))) {
            start = end + 3;
        } else {
            return null;
        }
        // What follows a place holder, or what looks like one, is no part of it.
        int rest = start + SecretMark.likeLength(bytes, start);
        int to = rest;
        while (to < bytes.length && isToken(bytes[to], rest > start)) {
            to++;
        }
        return to - rest >= (rest > start ? 1 : TOKEN_CHARS_MIN) ? new Span(start, to) : null;
    }

    private static boolean isToken(byte b, boolean followsMark) {
        return Span.isAlphanumeric(b) || "-._~+/=%".indexOf(b) >= 0 || followsMark && b < 0;
    }
}
