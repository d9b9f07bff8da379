package io.gridnode.sump.trace;

import java.util.Locale;
import java.util.Set;

/**
 * Secrets whose name is the text of the element before theirs: {@code <key>password</key><string>s3cret</string>},
 * {@code <name>…</name><value>…}.
 */
final class SecretKeyed {
    private static final Set<String> LABELS = Set.of("key", "name", "param-name");
    private static final Set<String> VALUES = Set.of(
            "array", "data", "date", "dict", "false", "integer", "param-value", "real", "string", "true", "value");
    /** Bytes of a label, with what stands around it. */
    private static final int LABEL_BYTES_MAX = 256;
    /** Bytes of a tag's name, and of its prefix. */
    private static final int NAME_BYTES_MAX = 64;
    private static final String WHITE = " \t\r\n\f";

    private SecretKeyed() {}

    /** What the element is the name of that the word begins, which may be nothing; or null if it names no other. */
    static Span of(byte[] bytes, int at, int end, SecretNames names) {
        int start = at + SecretTags.escape(bytes, at, end);
        boolean label = end - start <= NAME_BYTES_MAX && LABELS.contains(lower(bytes, start, end));
        SecretMarkup kind = label ? SecretMarkup.of(bytes, at, end) : null;
        int limit = Math.min(bytes.length, end + LABEL_BYTES_MAX);
        int begun = kind == null ? limit : kind.edge(bytes, end, limit);
        int length = begun < limit ? kind.closing(bytes, begun) : 0;
        if (length == 0 || begun > end && bytes[begun - 1] == '/') {
            return null;
        }
        int close = kind.edge(bytes, begun + length, limit);
        int value = close < limit ? value(bytes, kind, close, Span.text(bytes, SecretMarkup.first(bytes, at, end), end)) : -1;
        int valueEnd = nameEnd(bytes, value);
        if (value < 0 || !VALUES.contains(lower(bytes, value, valueEnd))) {
            return null;
        }
        Span text = Span.trimmed(bytes, begun + length, close, WHITE);
        boolean carrier = SecretTags.isLabel(bytes, text, names);
        if (!carrier && !SecretPairs.isWord(bytes, text)) {
            return null;
        }
        Span content = carrier ? SecretMarkup.element(bytes, value, valueEnd, false) : null;
        return content == null ? new Span(at, at) : content;
    }

    /** The name of the tag after the one that begins there and must end the element, or -1. */
    private static int value(byte[] bytes, SecretMarkup kind, int close, String own) {
        int opening = kind.opening(bytes, close);
        int slash = close + opening;
        slash += Span.at(bytes, slash) == '\\' ? 1 : 0;
        if (opening == 0 || !Span.startsWith(bytes, slash, Span.utf8("/" + own))) {
            return -1;
        }
        int end = slash + 1 + own.length();
        int closing = kind.closing(bytes, end);
        int other = SecretCell.white(bytes, end + closing);
        opening = kind.opening(bytes, other);
        if (closing == 0 || opening == 0) {
            return -1;
        }
        int prefix = nameEnd(bytes, other + opening);
        boolean prefixed = prefix > other + opening && Span.at(bytes, prefix) == ':' && nameEnd(bytes, prefix + 1) > prefix + 1;
        return prefixed ? prefix + 1 : other + opening;
    }

    private static int nameEnd(byte[] bytes, int at) {
        int end = at;
        while (end >= 0 && end < at + NAME_BYTES_MAX && SecretPlace.isName(Span.at(bytes, end))) {
            end++;
        }
        return end;
    }

    private static String lower(byte[] bytes, int from, int to) {
        return Span.text(bytes, from, to).toLowerCase(Locale.ROOT);
    }
}
