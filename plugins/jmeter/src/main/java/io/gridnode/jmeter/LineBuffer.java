package io.gridnode.jmeter;

import java.nio.charset.StandardCharsets;

/**
 * A growable byte buffer that knows the escapes of line protocol. It is reused, so that a sample costs no garbage beyond
 * its texts' UTF-8 bytes.
 *
 * <p>Not thread safe.
 */
final class LineBuffer {
    private static final byte[] HEX = "0123456789ABCDEF".getBytes(StandardCharsets.US_ASCII);

    private byte[] bytes = new byte[512];
    private int length;

    void clear() {
        length = 0;
    }

    /** Forgets everything behind the first {@code length} bytes. */
    void cutTo(int newLength) {
        length = newLength;
    }

    byte[] array() {
        return bytes;
    }

    int length() {
        return length;
    }

    LineBuffer append(byte b) {
        if (length == bytes.length) {
            grow(1);
        }
        bytes[length++] = b;
        return this;
    }

    LineBuffer append(char ascii) {
        return append((byte) ascii);
    }

    LineBuffer append(byte[] more) {
        if (bytes.length - length < more.length) {
            grow(more.length);
        }
        System.arraycopy(more, 0, bytes, length, more.length);
        length += more.length;
        return this;
    }

    /** Text that is known to be ASCII without anything to escape. */
    LineBuffer appendAscii(String ascii) {
        for (int i = 0; i < ascii.length(); i++) {
            append((byte) ascii.charAt(i));
        }
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
        int digits = 1;
        for (long v = rest; v >= 10; v /= 10) {
            digits++;
        }
        if (bytes.length - length < digits) {
            grow(digits);
        }
        for (int i = length + digits - 1; i >= length; i--) {
            bytes[i] = (byte) ('0' + rest % 10);
            rest /= 10;
        }
        length += digits;
        return this;
    }

    /**
     * The form encoding of {@link java.net.URLEncoder}. What it yields ({@code A-Z a-z 0-9 . - * _ + %}) needs no further
     * escape in a tag.
     */
    LineBuffer appendUrlEncoded(byte[] utf8, int count) {
        for (int i = 0; i < count; i++) {
            byte b = utf8[i];
            if (isUnreserved(b)) {
                append(b);
            } else if (b == ' ') {
                append('+');
            } else {
                append('%').append(HEX[(b >> 4) & 0xF]).append(HEX[b & 0xF]);
            }
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

    /** A tag's value: commas, spaces and equals signs are escaped, control characters and backslashes become underscores. */
    LineBuffer appendTagValue(byte[] utf8) {
        for (byte b : utf8) {
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

    private void grow(int more) {
        bytes = java.util.Arrays.copyOf(bytes, Math.max(bytes.length * 2, length + more));
    }

    private static boolean isUnreserved(byte b) {
        return b >= 'a' && b <= 'z'
                || b >= 'A' && b <= 'Z'
                || b >= '0' && b <= '9'
                || b == '.'
                || b == '-'
                || b == '*'
                || b == '_';
    }

    private static int utf8Width(byte first) {
        int lead = first & 0xFF;
        if (lead < 0x80) {
            return 1;
        }
        return lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    }
}
