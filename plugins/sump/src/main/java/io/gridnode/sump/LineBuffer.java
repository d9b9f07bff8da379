package io.gridnode.sump;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A growable byte buffer that knows the escapes of line protocol. It is reused; text that is ASCII is
 * taken without a copy.
 *
 * <p>Not thread safe.
 */
public final class LineBuffer {
    private static final byte[] HEX = "0123456789ABCDEF".getBytes(StandardCharsets.US_ASCII);

    private static final boolean[] UNRESERVED = unreserved();

    private byte[] bytes;
    private int length;

    LineBuffer() {
        this(512);
    }

    /** With room for so many bytes, until it grows. */
    LineBuffer(int capacity) {
        bytes = new byte[capacity];
    }

    void clear() {
        length = 0;
    }

    /** Forgets everything behind the first {@code length} bytes. */
    void cutTo(int newLength) {
        length = newLength;
    }

    /** A copy of what was written. */
    byte[] bytes() {
        return Arrays.copyOf(bytes, length);
    }

    byte[] array() {
        return bytes;
    }

    int length() {
        return length;
    }

    LineBuffer append(byte b) {
        reserve(1);
        bytes[length++] = b;
        return this;
    }

    LineBuffer append(char ascii) {
        return append((byte) ascii);
    }

    LineBuffer append(byte[] more) {
        reserve(more.length);
        System.arraycopy(more, 0, bytes, length, more.length);
        length += more.length;
        return this;
    }

    /** What the other has behind its first {@code from} bytes. */
    LineBuffer append(LineBuffer other, int from) {
        int count = other.length - from;
        reserve(count);
        System.arraycopy(other.bytes, from, bytes, length, count);
        length += count;
        return this;
    }

    /** Text that is known to be ASCII without anything to escape. */
    LineBuffer appendAscii(String ascii) {
        int count = ascii.length();
        reserve(count);
        for (int i = 0; i < count; i++) {
            bytes[length + i] = (byte) ascii.charAt(i);
        }
        length += count;
        return this;
    }

    LineBuffer append(long value) {
        if (value == Long.MIN_VALUE) {
            return appendAscii(Long.toString(value));
        }
        long rest = value;
        if (rest < 0) {
            append('-');
            rest = -rest;
        }
        return appendDigits(rest, digitsOf(rest));
    }

    /** The last so many decimal digits, with zeros in front. */
    LineBuffer appendDigits(long value, int digits) {
        reserve(digits);
        long rest = value;
        for (int i = length + digits - 1; i >= length; i--) {
            long tenth = rest / 10;
            bytes[i] = (byte) ('0' + (rest - 10 * tenth));
            rest = tenth;
        }
        length += digits;
        return this;
    }

    /**
     * The form encoding of {@link java.net.URLEncoder}. What it yields ({@code A-Z a-z 0-9 . - * _ + %}) needs no further
     * escape in a tag.
     */
    LineBuffer appendUrlEncoded(byte[] utf8, int count) {
        reserve(3 * count);
        for (int i = 0; i < count; i++) {
            putUrlEncoded(utf8[i]);
        }
        return this;
    }

    /** The same for text that {@link #isAscii} has looked at: without a copy of its bytes. */
    LineBuffer appendUrlEncoded(String ascii) {
        int count = ascii.length();
        reserve(3 * count);
        for (int i = 0; i < count; i++) {
            putUrlEncoded((byte) ascii.charAt(i));
        }
        return this;
    }

    /** Text as the inside of a quoted string field: {@link #appendQuotable(byte[], int)} without a copy where it is ASCII. */
    LineBuffer appendQuotable(String text, int bytesMax) {
        int limit = length + bytesMax;
        int from = length;
        int count = text.length();
        for (int i = 0; i < count; i++) {
            char c = text.charAt(i);
            if (c >= 0x80) {
                cutTo(from);
                // No more than can be used: some tools have whole responses there.
                String head = count > 2 * bytesMax ? text.substring(0, 2 * bytesMax) : text;
                return appendQuotable(head.getBytes(StandardCharsets.UTF_8), bytesMax);
            }
            boolean escape = c == '"' || c == '\\';
            if (length + (escape ? 2 : 1) > limit) {
                break;
            }
            if (escape) {
                append('\\');
            }
            append(c < ' ' || c == 0x7F ? ' ' : c);
        }
        return this;
    }

    /**
     * The inside of a quoted string field. Quotes and backslashes are escaped, control characters (CR and LF among them:
     * receivers split on LF before they look at quotes) become spaces.
     *
     * @param bytesMax the most bytes to append, escapes included; the cut is at a character boundary
     */
    LineBuffer appendQuotable(byte[] utf8, int bytesMax) {
        int limit = length + bytesMax;
        int i = 0;
        while (i < utf8.length) {
            int width = utf8Width(utf8[i]);
            boolean escape = utf8[i] == '"' || utf8[i] == '\\';
            if (i + width > utf8.length || length + width + (escape ? 1 : 0) > limit) {
                break;
            }
            if (escape) {
                append('\\');
            }
            for (int end = i + width; i < end; i++) {
                byte b = utf8[i];
                append(b >= 0 && b < ' ' || b == 0x7F ? (byte) ' ' : b);
            }
        }
        return this;
    }

    /**
     * With the comma in front. In the value commas, spaces and equals signs are escaped, control characters and backslashes become
     * underscores.
     */
    LineBuffer appendTag(String key, String value) {
        append(',').appendAscii(key).append('=');
        for (byte b : value.getBytes(StandardCharsets.UTF_8)) {
            if (b == ',' || b == ' ' || b == '=') {
                append('\\').append(b);
            } else {
                append(b >= 0 && b < ' ' || b == 0x7F || b == '\\' ? (byte) '_' : b);
            }
        }
        return this;
    }

    @Override
    public String toString() {
        return new String(bytes, 0, length, StandardCharsets.UTF_8);
    }

    static boolean isAscii(String text) {
        int count = text.length();
        for (int i = 0; i < count; i++) {
            if (text.charAt(i) >= 0x80) {
                return false;
            }
        }
        return true;
    }

    /** Room for three bytes is there. */
    private void putUrlEncoded(byte b) {
        if (b >= 0 && UNRESERVED[b]) {
            bytes[length++] = b;
        } else if (b == ' ') {
            bytes[length++] = '+';
        } else {
            bytes[length++] = '%';
            bytes[length++] = HEX[(b >> 4) & 0xF];
            bytes[length++] = HEX[b & 0xF];
        }
    }

    private void reserve(int more) {
        if (bytes.length - length < more) {
            bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, length + more));
        }
    }

    private static int digitsOf(long value) {
        int digits = 1;
        for (long rest = value; rest >= 10; rest /= 10) {
            digits++;
        }
        return digits;
    }

    private static boolean[] unreserved() {
        boolean[] table = new boolean[128];
        for (char c = 0; c < table.length; c++) {
            table[c] = c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || ".-*_".indexOf(c) >= 0;
        }
        return table;
    }

    private static int utf8Width(byte first) {
        int lead = first & 0xFF;
        if (lead < 0x80) {
            return 1;
        }
        return lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    }
}
