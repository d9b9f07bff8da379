package io.gridnode.sump.trace;

import java.util.ArrayList;
import java.util.List;

/**
 * Secrets that are written in rare ways: their name in letters of other languages, or with escapes; as one of two in a list,
 * {@code ["password","x"]}; private keys in PEM. Those of a text.
 */
final class SecretRare {
    /** Bytes of the longest name. */
    private static final int NAME_BYTES_MAX = 256;
    private static final byte[] ESCAPE = Span.utf8("\\" + "u");
    private static final int ESCAPE_DIGITS = 4;

    /** Bytes of the longest name in a list. */
    private static final int LISTED_BYTES_MAX = 128;
    private static final String WHITE = " \t\r\n";
    private static final byte[] KEY_BEGIN = Span.utf8("-----BEGIN ");
    private static final String KEY_KIND = "PRIVATE KEY";
    private static final byte[] KEY_MARK = Span.utf8("-----");
    /** Bytes before its kind. */
    private static final int KEY_BYTES_MAX = 32;
    private static final byte[] KEY_END = Span.utf8("-----END");
    private static final String KEY_BLOCK = " BLOCK";
    /** Those of other programs: what begins one, and what ends it. */
    private static final byte[][] BLOCKS = Span.all(
            "---- BEGIN SSH2 PRIVATE KEY ----", "---- END", "---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----", "---- END", "Private-Lines:",
            "Private-MAC:");

    final List<Span> secrets = new ArrayList<>(0);

    private final byte[] bytes;
    private final SecretNames names;
    /** Where the last value ends: what is within it is hidden with it. */
    private int readTo;

    SecretRare(byte[] bytes, SecretNames names) {
        this.bytes = bytes;
        this.names = names;
        boolean escapes = Span.find(bytes, 0, bytes.length, ESCAPE) >= 0;
        boolean others = false;
        for (int i = 0; !others && i < bytes.length; i++) {
            others = bytes[i] < 0;
        }
        for (int at = 0; (escapes || others) && at < bytes.length; ) {
            at = Math.max(at + 1, word(at));
        }
        listed();
        keys();
        blocks();
    }

    /** The second of two in a list, the first of which is a name. */
    private void listed() {
        int at = Span.until(bytes, 0, "[");
        while (at < bytes.length) {
            Quote open = second(at + 1);
            int first = at + 1;
            at = open == null ? at + 1 : open.closing(bytes);
            Quote close = open == null ? null : Quote.at(bytes, at);
            if (open != null && (close == null || Span.at(bytes, Span.skip(bytes, close.after, WHITE)) == ']')) {
                Span second = new Span(open.after, at);
                if (!SecretBeside.isField(bytes, second) && names.fits(name(first), bytes, second)) {
                    secrets.add(second);
                }
            }
            at = Span.until(bytes, at, "[");
        }
    }

    /** The first in a list. */
    private String name(int at) {
        int from = Quote.at(bytes, Span.skip(bytes, at, WHITE)).after;
        int end = from;
        while (end < from + LISTED_BYTES_MAX && SecretPlace.isName(Span.at(bytes, end))) {
            end++;
        }
        return Span.text(bytes, from, end);
    }

    /** What begins the second in a list whose first is a secret's name, or null. */
    private Quote second(int at) {
        Quote first = Quote.at(bytes, Span.skip(bytes, at, WHITE));
        if (first == null) {
            return null;
        }
        int end = first.after;
        while (end < first.after + LISTED_BYTES_MAX && SecretPlace.isName(Span.at(bytes, end))) {
            end++;
        }
        Quote closed = Quote.at(bytes, end);
        int comma = closed == null ? -1 : Span.skip(bytes, closed.after, WHITE);
        boolean name = Span.at(bytes, comma) == ',' && names.isSecret(Span.text(bytes, first.after, end));
        return name ? Quote.at(bytes, Span.skip(bytes, comma + 1, WHITE)) : null;
    }

    private void keys() {
        int at = Span.find(bytes, 0, bytes.length, KEY_BEGIN);
        while (at >= 0) {
            int from = at + KEY_BEGIN.length;
            int end = from;
            while (isKind(Span.at(bytes, end))) {
                end++;
            }
            String head = Span.text(bytes, from, end);
            head = head.endsWith(KEY_BLOCK) ? head.substring(0, head.length() - KEY_BLOCK.length()) : head;
            boolean key = head.length() <= KEY_BYTES_MAX + KEY_KIND.length()
                    && head.endsWith(KEY_KIND)
                    && Span.startsWith(bytes, end, KEY_MARK);
            if (key) {
                int start = end + KEY_MARK.length;
                int to = Span.find(bytes, start, bytes.length, KEY_END);
                end = to < 0 ? bytes.length : to;
                secrets.add(new Span(start, end));
            }
            at = Span.find(bytes, end, bytes.length, KEY_BEGIN);
        }
    }

    private void blocks() {
        for (int i = 0; i < BLOCKS.length; i += 2) {
            int at = Span.find(bytes, 0, bytes.length, BLOCKS[i]);
            while (at >= 0) {
                int start = at + BLOCKS[i].length;
                int to = Span.find(bytes, start, bytes.length, BLOCKS[i + 1]);
                secrets.add(new Span(start, to < 0 ? bytes.length : to));
                at = to < 0 ? -1 : Span.find(bytes, to, bytes.length, BLOCKS[i]);
            }
        }
    }

    private static boolean isKind(int b) {
        return b >= 'A' && b <= 'Z' || Span.isDigit(b) || b == ' ';
    }

    /** Looks at a word, should one begin there, and says where it ends. */
    private int word(int from) {
        StringBuilder plain = new StringBuilder();
        boolean rare = false;
        int at = from;
        for (int length = length(at); length > 0; length = length(at)) {
            rare |= bytes[at] == '\\' || bytes[at] < 0;
            if (at - from <= NAME_BYTES_MAX) {
                plain.append(bytes[at] == '\\' ? Folded.fold(String.valueOf((char) code(at))) : Span.text(bytes, at, at + length));
            }
            at += length;
        }
        if (rare && from >= readTo && at - from <= NAME_BYTES_MAX && names.isSecret(plain.toString())) {
            Span secret = SecretPlace.value(bytes, from, at);
            if (secret != null) {
                readTo = secret.to;
                secrets.add(secret);
            }
        }
        return at;
    }

    /** Of the character of a name that begins there, or 0. */
    private int length(int at) {
        int b = Span.at(bytes, at);
        if (b == '\\') {
            int code = code(at);
            boolean meant = code >= 0 && Span.isAlphanumeric(Folded.fold(code));
            return meant || code >= 0xC0 && code < 0x2000 ? ESCAPE.length + ESCAPE_DIGITS : 0;
        }
        if (b >= 0) {
            return SecretPlace.isName(b) ? 1 : 0;
        }
        int first = b & 0xFF;
        // Characters of two bytes that are no letters, and those of punctuation, are none of a name.
        if (first < 0xC3 || first == 0xE2 && (Span.at(bytes, at + 1) & 0xFF) == 0x80) {
            return 0;
        }
        return first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
    }

    /** Of an escape, or -1. */
    private int code(int at) {
        int code = Span.startsWith(bytes, at, ESCAPE) ? 0 : -1;
        for (int i = at + ESCAPE.length; code >= 0 && i < at + ESCAPE.length + ESCAPE_DIGITS; i++) {
            int digit = Character.digit(Span.at(bytes, i), 16);
            code = digit < 0 ? -1 : code << 4 | digit;
        }
        return code;
    }
}
