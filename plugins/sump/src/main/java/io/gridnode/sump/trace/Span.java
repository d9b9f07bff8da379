package io.gridnode.sump.trace;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** A part of a text in UTF-8, from a byte to before another; and what is asked of such texts. */
final class Span {
    final int from;
    final int to;

    Span(int from, int to) {
        this.from = from;
        this.to = to;
    }

    static String text(byte[] bytes, int from, int to) {
        return new String(bytes, from, to - from, StandardCharsets.UTF_8);
    }

    static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    static byte[][] all(String... texts) {
        return Arrays.stream(texts).map(Span::utf8).toArray(byte[][]::new);
    }

    /** The first of them that stands there, or null. */
    static byte[] first(byte[] bytes, int at, byte[][] wanted) {
        for (byte[] one : wanted) {
            if (startsWith(bytes, at, one)) {
                return one;
            }
        }
        return null;
    }

    /** The byte there, or 0. */
    static int at(byte[] bytes, int at) {
        return at >= 0 && at < bytes.length ? bytes[at] : 0;
    }

    static boolean isDigit(int b) {
        return b >= '0' && b <= '9';
    }

    static boolean isAlphanumeric(int b) {
        return isDigit(b) || b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z';
    }

    static boolean startsWith(byte[] bytes, int at, byte[] wanted) {
        if (at < 0 || at + wanted.length > bytes.length) {
            return false;
        }
        for (int i = 0; i < wanted.length; i++) {
            if (bytes[at + i] != wanted[i]) {
                return false;
            }
        }
        return true;
    }

    /** Where it begins within a part, or -1. */
    static int find(byte[] bytes, int from, int to, byte[] wanted) {
        for (int at = from; at + wanted.length <= to; at++) {
            if (startsWith(bytes, at, wanted)) {
                return at;
            }
        }
        return -1;
    }

    /** The first byte from there on that is one of these, or the end. */
    static int until(byte[] bytes, int from, String ends) {
        int at = from;
        while (at < bytes.length && ends.indexOf(bytes[at]) < 0) {
            at++;
        }
        return at;
    }

    /** The same before a limit, or that. */
    static int until(byte[] bytes, int from, int limit, String ends) {
        int at = from;
        while (at < limit && ends.indexOf(bytes[at]) < 0) {
            at++;
        }
        return at;
    }

    static int skip(byte[] bytes, int from, String blanks) {
        int at = from;
        while (at < bytes.length && blanks.indexOf(bytes[at]) >= 0) {
            at++;
        }
        return at;
    }

    /** A part without these bytes around it. */
    static Span trimmed(byte[] bytes, int from, int to, String blanks) {
        int first = Math.min(to, skip(bytes, from, blanks));
        int last = to;
        while (last > first && blanks.indexOf(bytes[last - 1]) >= 0) {
            last--;
        }
        return new Span(first, last);
    }

    /** Whether both ends are between characters. */
    boolean isOfWholeCharacters(byte[] bytes) {
        return (at(bytes, from) & 0xC0) != 0x80 && (at(bytes, to) & 0xC0) != 0x80;
    }
}
