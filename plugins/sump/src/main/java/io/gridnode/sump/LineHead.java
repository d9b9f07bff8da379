package io.gridnode.sump;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * How the lines of samples begin, up to their response time: the same for all samples of a label. Immutable.
 *
 * <p>Labels are URL-encoded, and longer ones cut as the receiver would cut them, so that both name them alike.
 */
public final class LineHead {
    static final int LABEL_BYTES_MAX = 512;

    private static final int LABEL_BYTES_KEPT = 494;
    private static final int LABEL_HASH_BYTES = 6;
    private static final String LABEL_EMPTY = "__empty__";

    private final byte[] untilLabel;

    /** @param flood the run that the samples belong to, as {@link Settings#flood} has it */
    public LineHead(String flood) {
        untilLabel = new LineBuffer().appendAscii("sample").appendTag("flood", flood).appendAscii(",label=").bytes();
    }

    /** For samples with this label; null or empty counts as {@code __empty__}. */
    public byte[] of(String label) {
        LineBuffer out = new LineBuffer().append(untilLabel);
        appendLabel(out, label == null || label.isEmpty() ? LABEL_EMPTY : label);
        return out.appendAscii(" rt=").bytes();
    }

    private static void appendLabel(LineBuffer out, String label) {
        if (label.length() <= LABEL_BYTES_MAX && LineBuffer.isAscii(label)) {
            out.appendUrlEncoded(label);
            return;
        }
        byte[] text = label.getBytes(StandardCharsets.UTF_8);
        if (text.length <= LABEL_BYTES_MAX) {
            out.appendUrlEncoded(text, text.length);
            return;
        }
        int kept = LABEL_BYTES_KEPT;
        while ((text[kept] & 0xC0) == 0x80) {
            kept--;
        }
        out.appendUrlEncoded(text, kept).appendAscii("%E2%80%A6");
        byte[] hash = sha256(text);
        for (int i = 0; i < LABEL_HASH_BYTES; i++) {
            out.append(Character.forDigit((hash[i] >> 4) & 0xF, 16)).append(Character.forDigit(hash[i] & 0xF, 16));
        }
    }

    private static byte[] sha256(byte[] text) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(text);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform must have SHA-256", e);
        }
    }
}
