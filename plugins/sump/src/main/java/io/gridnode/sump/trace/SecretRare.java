package io.gridnode.sump.trace;

import java.util.ArrayList;
import java.util.List;

/** Secrets whose name is written in letters of other languages, or with escapes: {@code "Straße":"x"}. Those of a text. */
final class SecretRare {
    /** Bytes of the longest name. */
    private static final int NAME_BYTES_MAX = 256;
    private static final byte[] ESCAPE = Span.utf8("\\" + "u");
    private static final int ESCAPE_DIGITS = 4;

    final List<Span> secrets = new ArrayList<>(0);

    private final byte[] bytes;
    private final SecretNames names;

    SecretRare(byte[] bytes, SecretNames names) {
        this.bytes = bytes;
        this.names = names;
        boolean escapes = Span.find(bytes, 0, bytes.length, ESCAPE) >= 0;
        boolean others = false;
        for (int i = 0; names.hasOtherLetters && !others && i < bytes.length; i++) {
            others = bytes[i] < 0;
        }
        for (int at = 0; (escapes || others) && at < bytes.length; ) {
            at = Math.max(at + 1, word(at));
        }
    }

    /** Looks at a word, should one begin there, and says where it ends. */
    private int word(int from) {
        StringBuilder plain = new StringBuilder();
        boolean rare = false;
        int at = from;
        for (int length = length(at); length > 0; length = length(at)) {
            rare |= bytes[at] == '\\' || bytes[at] < 0;
            if (at - from <= NAME_BYTES_MAX) {
                plain.append(bytes[at] == '\\' ? String.valueOf((char) code(at)) : Span.text(bytes, at, at + length));
            }
            at += length;
        }
        if (rare && at - from <= NAME_BYTES_MAX && names.isSecret(plain.toString())) {
            Span secret = SecretPlace.value(bytes, from, at);
            if (secret != null) {
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
            return Span.isAlphanumeric(code) || code >= 0xC0 && code < 0x2000 ? ESCAPE.length + ESCAPE_DIGITS : 0;
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
