package io.gridnode.sump.trace;

import java.util.Arrays;

/** What was sent or received, as far as a trace shows it: copied at once. */
public final class Body {
    /** Of the original. */
    public static final int BYTES_MAX = 64 << 10;

    final byte[] head;
    /** True size in bytes. */
    final long total;
    /** Null when there is none. */
    final String contentType;

    private Body(byte[] head, long total, String contentType) {
        this.head = head;
        this.total = Math.max(total, head.length);
        this.contentType = contentType;
    }

    /**
     * @param total true size, should not all of it be there
     * @return null when it is empty
     */
    public static Body of(byte[] bytes, long total, String contentType, int bytesMax) {
        if (bytes == null || bytes.length == 0) {
            return null;
        }
        return new Body(Arrays.copyOf(bytes, Math.min(bytes.length, bytesMax)), Math.max(total, bytes.length), contentType);
    }

    /** A text that the tool has as such: its size is that in UTF-8. */
    public static Body of(String text, String contentType, int bytesMax) {
        if (text == null || text.isEmpty()) {
            return null;
        }
        // Each character has a byte at least: no more than this is needed, and what is half a pair is cut off.
        byte[] bytes = Span.utf8(text.length() > bytesMax ? text.substring(0, bytesMax + 1) : text);
        String type = contentType == null ? null : contentType.replaceAll("(?i);\\s*charset=[^;]*", "");
        return new Body(Arrays.copyOf(bytes, Math.min(bytes.length, bytesMax)), utf8Bytes(text), type);
    }

    boolean isCut() {
        return total > head.length;
    }

    private static long utf8Bytes(String text) {
        long bytes = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            // Each half of a pair has two.
            bytes += c < 0x80 ? 1 : c < 0x800 || Character.isSurrogate(c) ? 2 : 3;
        }
        return bytes;
    }
}
