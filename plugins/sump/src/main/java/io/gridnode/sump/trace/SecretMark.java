package io.gridnode.sump.trace;

/** Place holders, which stand for what is hidden already. */
final class SecretMark {
    /** How every one begins. */
    static final String BEGINNING = "‹redacted:";
    static final String END = "›";
    private static final byte[] BEGINNING_BYTES = Span.utf8(BEGINNING);
    private static final byte[] END_BYTES = Span.utf8(END);
    private static final int DIGITS = 4;
    /** Beside place holders, what ends a value. */
    private static final String ENDS = ",;:.)]}>\"'\\& \t\r\n";

    private SecretMark() {}

    /** The length of the one that begins there and ends before a place, or 0. */
    static int length(byte[] bytes, int at, int to) {
        int digits = at + BEGINNING_BYTES.length;
        int end = digits + DIGITS;
        if (end + END_BYTES.length > to
                || !Span.startsWith(bytes, at, BEGINNING_BYTES)
                || !Span.startsWith(bytes, end, END_BYTES)) {
            return 0;
        }
        for (int i = digits; i < end; i++) {
            if (!Span.isDigit(bytes[i]) && (bytes[i] < 'a' || bytes[i] > 'f')) {
                return 0;
            }
        }
        return end + END_BYTES.length - at;
    }

    /** The same, also of what only begins like one. */
    static int likeLength(byte[] bytes, int at) {
        int length = length(bytes, at, bytes.length);
        return length == 0 && Span.startsWith(bytes, at, BEGINNING_BYTES) ? BEGINNING_BYTES.length : length;
    }

    /** Whether a value is one, or several, but for marks that end a value. */
    static boolean isHidden(byte[] value) {
        int at = length(value, 0, value.length);
        if (at == 0) {
            return false;
        }
        while (at < value.length) {
            int length = length(value, at, value.length);
            if (length == 0 && ENDS.indexOf(value[at]) < 0) {
                return false;
            }
            at += Math.max(1, length);
        }
        return true;
    }
}
