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
    private static final int LABEL_ID_BYTES = 8;
    /** What the agent calls labels beyond those that it tells apart. */
    private static final String OTHER = "__other__";
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

    /**
     * The id of a label, as the agent gives it to the label of a sample's line: the beginning of its SHA-256 in base 16.
     *
     * @param label null or empty counts as {@code __empty__}
     */
    public static String labelId(String label) {
        byte[] text = (label == null || label.isEmpty() ? LABEL_EMPTY : label).getBytes(StandardCharsets.UTF_8);
        StringBuilder received = new StringBuilder(text.length <= LABEL_BYTES_MAX ? new String(text, StandardCharsets.UTF_8) : cut(text));
        for (int i = 0; i < received.length(); i++) {
            if (Character.isISOControl(received.charAt(i))) {
                received.setCharAt(i, '\uFFFD');
            }
        }
        if (OTHER.contentEquals(received)) {
            received.append('_');
        }
        return hex(sha256(received.toString().getBytes(StandardCharsets.UTF_8)), LABEL_ID_BYTES);
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
        byte[] cut = cut(text).getBytes(StandardCharsets.UTF_8);
        out.appendUrlEncoded(cut, cut.length);
    }

    private static String cut(byte[] text) {
        int kept = LABEL_BYTES_KEPT;
        while ((text[kept] & 0xC0) == 0x80) {
            kept--;
        }
        return new String(text, 0, kept, StandardCharsets.UTF_8) + '…' + hex(sha256(text), LABEL_HASH_BYTES);
    }

    private static String hex(byte[] bytes, int count) {
        StringBuilder hex = new StringBuilder(2 * count);
        for (int i = 0; i < count; i++) {
            hex.append(Character.forDigit((bytes[i] >> 4) & 0xF, 16)).append(Character.forDigit(bytes[i] & 0xF, 16));
        }
        return hex.toString();
    }

    private static byte[] sha256(byte[] text) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(text);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform must have SHA-256", e);
        }
    }
}
