package io.gridnode.sump.trace;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * Secrets in the values of a form or a query, as they are when they are decoded: {@code h=Bearer%20abc},
 * {@code x=%3Cpassword%3Eabc%3C…}.
 */
final class SecretEncoded {
    private static final String ENDS = "&;# \t\r\n\"'<>\\";
    /** Values within values. */
    private static final int DEPTH_MAX = 3;

    private SecretEncoded() {}

    /**
     * The values that have a secret in them.
     *
     * @param read takes it out
     */
    static List<Span> values(byte[] bytes, int depth, UnaryOperator<byte[]> read) {
        List<Span> found = new ArrayList<>(0);
        int at = Span.until(bytes, 0, "=");
        while (at < bytes.length) {
            Span value = new Span(at + 1, Span.until(bytes, at + 1, ENDS));
            if (isSecret(Arrays.copyOfRange(bytes, value.from, value.to), depth, read)) {
                found.add(value);
            }
            at = Span.until(bytes, value.to, "=");
        }
        return found;
    }

    private static boolean isSecret(byte[] value, int depth, UnaryOperator<byte[]> read) {
        if (Span.until(value, 0, "%+") == value.length) {
            return false;
        }
        byte[] plain = Span.utf8(new String(decoded(value, ' '), StandardCharsets.UTF_8));
        return !Arrays.equals(read.apply(plain), plain) || depth < DEPTH_MAX && !values(plain, depth + 1, read).isEmpty();
    }

    /** With percent signs read, and another character for each plus. */
    static byte[] decoded(byte[] text, char plus) {
        ByteArrayOutputStream plain = new ByteArrayOutputStream(text.length);
        int at = 0;
        while (at < text.length) {
            int high = text[at] == '%' ? Character.digit(Span.at(text, at + 1), 16) : -1;
            int low = Character.digit(Span.at(text, at + 2), 16);
            if (high >= 0 && low >= 0) {
                plain.write(high << 4 | low);
                at += 3;
            } else {
                plain.write(text[at] == '+' ? plus : text[at]);
                at++;
            }
        }
        return plain.toByteArray();
    }
}
