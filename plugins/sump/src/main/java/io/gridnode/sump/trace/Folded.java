package io.gridnode.sump.trace;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/**
 * A text as it is meant where it has characters that stand for others: fullwidth letters, digits and marks, letters of mathematics
 * and in circles; and without what nobody sees between letters. What is found in it is hidden where it stands.
 */
final class Folded {
    private static final int NOTHING = -1;
    private static final int ALPHABETS = 52;
    private static final int LETTERS = 26;
    private static final int DIGITS = 10;

    /** As it is meant. */
    final byte[] bytes;
    /** As it is written; what was decoded may have had bytes that are no characters. */
    final byte[] written;
    /** Where the character of each byte begins in the text as it is written, and where it ends; null of one that is written so. */
    private final int[] froms;
    private final int[] tos;

    Folded(byte[] text) {
        this(text, new String(text, StandardCharsets.UTF_8));
    }

    private Folded(byte[] plain, String text) {
        if (isPlain(text)) {
            bytes = plain;
            written = plain;
            froms = null;
            tos = null;
            return;
        }
        written = Span.utf8(text);
        ByteArrayOutputStream meant = new ByteArrayOutputStream(written.length);
        froms = new int[written.length];
        tos = new int[written.length];
        int at = 0;
        for (int i = 0; i < text.length(); i += Character.charCount(text.codePointAt(i))) {
            int code = text.codePointAt(i);
            int length = Span.utf8(Character.toString(code)).length;
            int one = fold(code);
            int from = meant.size();
            meant.writeBytes(one == NOTHING ? new byte[0] : Span.utf8(Character.toString(one)));
            for (int place = from; place < meant.size(); place++) {
                froms[place] = at;
                tos[place] = at + length;
            }
            at += length;
        }
        bytes = meant.toByteArray();
    }

    /** Where a part of the text is in the one that is written. */
    Span place(int from, int to) {
        return froms == null ? new Span(from, to) : new Span(froms[from], tos[to - 1]);
    }

    /** What a text means. */
    static String fold(String text) {
        StringBuilder meant = new StringBuilder(text.length());
        text.codePoints().map(Folded::fold).filter(code -> code != NOTHING).forEach(meant::appendCodePoint);
        return meant.toString();
    }

    private static boolean isPlain(String text) {
        for (int i = 0; i < text.length(); i++) {
            // Those of two parts are looked at as a whole.
            char c = text.charAt(i);
            if (c >= 0x80 && (Character.isHighSurrogate(c) ? fold(text.codePointAt(i)) != text.codePointAt(i) : fold(c) != c)) {
                return false;
            }
        }
        return true;
    }

    /** What a character stands for, or -1 for nothing. */
    static int fold(int c) {
        if (c < 0x80) {
            return c;
        }
        if (c == 0xAD || c == 0x34F || c == 0x61C || c == 0x180E || c == 0xFEFF || isIn(c, 0x200B, 0x200F) || isIn(c, 0x202A, 0x202E)
                || isIn(c, 0x2060, 0x206F) || isIn(c, 0xFE00, 0xFE0F)) {
            return NOTHING;
        }
        if (isIn(c, 0x1D400, 0x1D6A3)) {
            int letter = (c - 0x1D400) % ALPHABETS;
            return letter < LETTERS ? 'A' + letter : 'a' + letter - LETTERS;
        }
        if (isIn(c, 0x1D7CE, 0x1D7FF)) {
            return '0' + (c - 0x1D7CE) % DIGITS;
        }
        if (isIn(c, 0x24B6, 0x24E9)) {
            return c <= 0x24CF ? 'A' + c - 0x24B6 : 'a' + c - 0x24D0;
        }
        return c == 0x3000 ? ' ' : isIn(c, 0xFF01, 0xFF5E) ? c - 0xFF01 + '!' : c;
    }

    private static boolean isIn(int c, int first, int last) {
        return c >= first && c <= last;
    }
}
