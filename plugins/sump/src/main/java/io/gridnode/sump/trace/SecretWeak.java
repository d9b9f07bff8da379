package io.gridnode.sump.trace;

import java.util.Arrays;
import java.util.Locale;
import java.util.Map;

/** What a name says of its value: some are words like others, {@code "key":"photos/a.jpg"}, and their values must look secret. */
enum SecretWeak {
    NONE,
    SECRET,
    /** A secret if it looks like a token, or like a card's number; or unless it is a word, with nobody beside it. */
    TOKEN,
    CARD,
    PASS,
    /** A secret if it has a digit: what is sent once. */
    CODE;

    private static final Map<String, SecretWeak> NAMES = Map.of(
            "key", TOKEN, "hmac", TOKEN, "pan", CARD, "pass", PASS, "mfa", CODE, "tfa", CODE, "2fa", CODE,
            "emailcode", CODE, "logincode", CODE, "confirmationcode", CODE);
    /** Of what is sent once. */
    private static final int CODE_CHARS_MIN = 4;
    private static final int CODE_CHARS_MAX = 32;
    /** Beside which what passed is counted. */
    private static final byte[][] COUNTED = Span.all("fail", "error", "skip", "warn");
    private static final int COUNT_DIGITS_MAX = 9;
    private static final String TOKEN_MARKS = "_-+/=%~";
    private static final int TOKEN_CHARS_MIN = 16;
    /** Of a card's number, which marks may group; or of a person's. */
    private static final String CARD_MARKS = " *-+%.";
    private static final int CARD_CHARS_MIN = 10;
    private static final int CARD_DIGITS_MIN = 4;
    /** Of a value that are read. */
    private static final int CHARS_MAX = 4_096;
    /** Of a word that may as well be another thing: {@code "pass":"economy"}. */
    private static final int PLAIN_BYTES_MAX = 20;
    /** Beside whom it is a password; and how near. */
    private static final String[] OWNERS = {"user", "login", "mail"};
    private static final int OWNER_BYTES_MAX = 128;
    /** Of a text after such a name that are read: what is left as it is must not be read again and again. */
    static final int BYTES_MAX = 512;
    /** And before it. */
    static final int BEFORE_BYTES_MAX = 256;
    private static final String AROUND = " \t\r\n,;)}]\"'";
    private static final byte[] COLON = {':'};

    /** Of the names themselves, as they are without marks. */
    static SecretWeak of(String name) {
        return NAMES.getOrDefault(name, NONE);
    }

    /** Whether a value must look like a secret. */
    boolean isWeak() {
        return this == TOKEN || this == CARD || this == CODE;
    }

    /** The text around a name in which its value must be seen to be a secret. */
    static byte[] around(byte[] bytes, int from, int end) {
        return Arrays.copyOfRange(bytes, from, Math.min(bytes.length, end + BYTES_MAX));
    }

    /** Whether a value is secret that has a name of this kind. */
    boolean fits(String value) {
        // What is hidden already is left as it is.
        if (this == SECRET || this == PASS || this != NONE && value.indexOf('‹') >= 0) {
            return true;
        }
        int end = value.offsetByCodePoints(0, Math.min(CHARS_MAX, value.codePointCount(0, value.length())));
        int from = 0;
        while (from < end && AROUND.indexOf(value.charAt(from)) >= 0) {
            from++;
        }
        while (end > from && AROUND.indexOf(value.charAt(end - 1)) >= 0) {
            end--;
        }
        String text = value.substring(from, end);
        if (this == CARD) {
            long digits = text.chars().filter(Span::isDigit).count();
            return text.length() >= CARD_CHARS_MIN && digits >= CARD_DIGITS_MIN && isOf(text, CARD_MARKS);
        }
        if (this == CODE) {
            boolean fits = text.length() >= CODE_CHARS_MIN && text.length() <= CODE_CHARS_MAX;
            return fits && text.chars().anyMatch(Span::isDigit) && isOf(text, " -");
        }
        return this == TOKEN && text.length() >= TOKEN_CHARS_MIN && isOf(text, TOKEN_MARKS) && isToken(text);
    }

    private static boolean isOf(String text, String marks) {
        return text.chars().allMatch(c -> Span.isAlphanumeric(c) || marks.indexOf(c) >= 0);
    }

    /** A path has words; base64 has letters of both sizes. A part with no mark in it has letters and digits. */
    private static boolean isToken(String text) {
        boolean small = text.chars().anyMatch(c -> c >= 'a' && c <= 'z');
        boolean great = text.chars().anyMatch(c -> c >= 'A' && c <= 'Z');
        if (text.indexOf('/') >= 0 && !(small && great)) {
            return false;
        }
        int length = 0;
        int digits = 0;
        for (int i = 0; i <= text.length(); i++) {
            char c = i < text.length() ? text.charAt(i) : '-';
            if (Span.isAlphanumeric(c)) {
                length++;
                digits += Span.isDigit(c) ? 1 : 0;
            } else if (length >= TOKEN_CHARS_MIN && digits > 0 && digits < length) {
                return true;
            } else {
                length = 0;
                digits = 0;
            }
        }
        return false;
    }

    /** Whether how many passed stands there, of which others failed: {@code pass=2 fail=1}. */
    static boolean isCount(byte[] bytes, int start) {
        int end = start;
        while (end < start + COUNT_DIGITS_MAX && Span.isDigit(Span.at(bytes, end))) {
            end++;
        }
        int blank = Span.skip(bytes, end, " \t");
        int next = Span.skip(bytes, Span.at(bytes, blank) == ',' ? blank + 1 : blank, " \t");
        return end > start && Span.first(bytes, next, COUNTED) != null;
    }

    /** Whether {@code pass}, which ends there, has a word of its own as its value: after a colon, with nobody's name near; or a count. */
    static boolean isAnother(byte[] bytes, int end, Span value) {
        if (isCount(bytes, value.from)) {
            return true;
        }
        int at = value.from;
        while (at < value.to && SecretPlace.isLetter(bytes[at])) {
            at++;
        }
        boolean plain = at == value.to && at > value.from && at - value.from <= PLAIN_BYTES_MAX;
        if (!plain || Span.find(bytes, end, value.from, COLON) < 0) {
            return false;
        }
        String before = Span.text(bytes, Math.max(0, end - OWNER_BYTES_MAX), end);
        String after = Span.text(bytes, value.to, Math.min(bytes.length, value.to + OWNER_BYTES_MAX));
        String around = (before + " " + after).toLowerCase(Locale.ROOT);
        for (String owner : OWNERS) {
            if (around.contains(owner)) {
                return false;
            }
        }
        return true;
    }
}
