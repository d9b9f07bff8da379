package io.flood.selenium;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Locale;

/** Writes the lines of the sump's sample dialect. */
final class Lines {
    static final int ERROR_BYTES_MAX = 1_024;
    /** A longer label is cut as the receiver would cut it, so that both name it alike. */
    static final int LABEL_BYTES_MAX = 512;

    static final int LABEL_BYTES_KEPT = 494;
    private static final int LABEL_HASH_BYTES = 6;
    private static final String LABEL_EMPTY = "__empty__";

    private final String flood;
    private final String source;

    Lines(String flood, String source) {
        this.flood = tagValue(flood);
        this.source = tagValue(source);
    }

    String sample(Sample sample, long nowMs) {
        StringBuilder line = new StringBuilder(256);
        line.append("sample,flood=").append(flood).append(",label=").append(label(sample.label));
        line.append(" rt=").append(number(sample.responseMs)).append(sample.passed ? ",ok=t" : ",ok=f");
        // 0 is what published plans give when there was no answer.
        if (sample.code != null && sample.code > 0) {
            line.append(",code=\"").append(sample.code.intValue()).append('"');
        }
        if (sample.firstByteMs != null) {
            line.append(",lat=").append(number(sample.firstByteMs));
        }
        if (sample.connectMs != null) {
            line.append(",conn=").append(number(sample.connectMs));
        }
        if (sample.error != null && !sample.error.isEmpty()) {
            line.append(",error=\"").append(quotable(sample.error)).append('"');
        }
        return line.append(' ').append(nowMs).append("000000\n").toString();
    }

    String ledger(long seq, long samples, boolean last) {
        return "ledger,flood=" + flood + ",source=" + source + " seq=" + seq + "i,samples=" + samples + "i,truncated=0i"
                + (last ? ",final=t\n" : "\n");
    }

    private static String number(double ms) {
        return String.format(Locale.ROOT, "%.3f", ms);
    }

    private static String label(String label) {
        String text = label == null || label.isEmpty() ? LABEL_EMPTY : label;
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        if (bytes.length <= LABEL_BYTES_MAX) {
            return URLEncoder.encode(text, StandardCharsets.UTF_8);
        }
        StringBuilder cut = new StringBuilder(new String(bytes, 0, boundary(bytes, LABEL_BYTES_KEPT), StandardCharsets.UTF_8));
        cut.append('\u2026');
        byte[] hash = sha256(bytes);
        for (int i = 0; i < LABEL_HASH_BYTES; i++) {
            cut.append(Character.forDigit((hash[i] >> 4) & 0xF, 16)).append(Character.forDigit(hash[i] & 0xF, 16));
        }
        return URLEncoder.encode(cut.toString(), StandardCharsets.UTF_8);
    }

    /** The last character boundary that is not beyond {@code at}. */
    private static int boundary(byte[] utf8, int at) {
        int end = at;
        while (end > 0 && (utf8[end] & 0xC0) == 0x80) {
            end--;
        }
        return end;
    }

    private static String tagValue(String text) {
        return text.replaceAll("\\p{Cntrl}", " ").replaceAll("([,= ])", "\\\\$1");
    }

    /** Without characters that end a line, and short enough with its escapes. */
    private static String quotable(String text) {
        StringBuilder out = new StringBuilder();
        int bytes = 0;
        for (int at = 0; at < text.length(); ) {
            int character = text.codePointAt(at);
            at += Character.charCount(character);
            boolean surrogate = character >= 0xD800 && character <= 0xDFFF;
            String piece = character < ' ' || character == 0x7F ? " "
                    : surrogate ? "?"
                    : character == '"' || character == '\\' ? "\\" + (char) character
                    : new String(Character.toChars(character));
            bytes += piece.getBytes(StandardCharsets.UTF_8).length;
            if (bytes > ERROR_BYTES_MAX) {
                break;
            }
            out.append(piece);
        }
        return out.toString();
    }

    private static byte[] sha256(byte[] text) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(text);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform must have SHA-256", e);
        }
    }
}
