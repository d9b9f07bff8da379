package io.gridnode.sump.trace;

import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Tags in which one attribute names the secret that another one has: a hidden field, a password's, {@code <meta name="csrf-token">}.
 * They may be cut, written into a script's text, or shown as text on a page. For one text, as far as it was looked at.
 */
final class SecretTags {
    /** Attributes that say what a value is. */
    private static final Set<String> LABELS = Set.of("name", "id", "key", "property", "itemprop", "http-equiv");
    /** Attributes that have it. */
    private static final Set<String> VALUES = Set.of("value", "content");
    private static final Set<String> TYPE = Set.of("type");
    /** Bytes of the longest attribute's name that is one of these. */
    private static final int WORD_BYTES_MAX = 16;
    /** Bytes of the longest label that is looked at. */
    private static final int LABEL_BYTES_MAX = 256;
    private static final String WHITE = " \t\r\n\f";
    private static final List<String> OPENINGS = List.of("<", "&lt;", "&#60;", "\\u003c");
    private static final List<String> CLOSINGS = List.of(">", "&gt;", "&#62;", "\\u003e");

    private final byte[] bytes;
    private final SecretNames names;
    private int readTo;
    /** Bytes that were read more than once. */
    private int again;
    private int secretTo;

    SecretTags(byte[] bytes, SecretNames names) {
        this.bytes = bytes;
        this.names = names;
    }

    /** Looks at a word; should it begin a tag, at all of it. */
    void look(int at, int end) {
        int first = at + escape(bytes, at, end);
        if (!endsWithOpening(first)) {
            return;
        }
        // A mark that is never closed must not hide the tags after it. Nor may they all be read to the end of the text: what is not
        // looked at again may be secret.
        if (first < readTo && again >= bytes.length) {
            secretTo = Math.max(secretTo, readTo);
            return;
        }
        Reading reading = new Reading();
        reading.read(first, end);
        if (first < readTo) {
            again += reading.at - first;
        }
        readTo = Math.max(readTo, reading.at);
        if (reading.secret) {
            secretTo = Math.max(secretTo, reading.at);
        }
    }

    /** The value that the word begins, in a tag whose value is secret, or null. */
    Span value(int at, int end) {
        return at < secretTo && isAny(at, end, VALUES) ? attribute(end) : null;
    }

    int bytesReadAgain() {
        return again;
    }

    /** Bytes at the beginning of a word that are the rest of an escape: {@code \npassword}. */
    static int escape(byte[] bytes, int at, int end) {
        if (Span.at(bytes, at - 1) != '\\') {
            return 0;
        }
        int length;
        switch (bytes[at]) {
            case 'u':
                length = isHex(bytes, at + 1, Math.min(end, at + 5), 4) ? 5 : 0;
                break;
            case 'x':
                length = isHex(bytes, at + 1, Math.min(end, at + 3), 2) ? 3 : 0;
                break;
            case 'n':
            case 'r':
            case 't':
                length = 1;
                break;
            default:
                length = 0;
                break;
        }
        return at + length < end ? length : 0;
    }

    private static boolean isHex(byte[] bytes, int from, int to, int count) {
        int at = from;
        while (at < to && Character.digit(bytes[at], 16) >= 0) {
            at++;
        }
        return at - from == count;
    }

    /** What stands after an attribute's name, or null. */
    private Span attribute(int end) {
        int equals = Span.skip(bytes, end, WHITE);
        if (Span.at(bytes, equals) != '=') {
            return null;
        }
        int start = Span.skip(bytes, equals + 1, WHITE);
        Quote open = Quote.at(bytes, start);
        if (open != null) {
            return new Span(open.after, open.closingAttribute(bytes));
        }
        int to = start;
        while (to < bytes.length && WHITE.indexOf(bytes[to]) < 0 && !isAt(to, CLOSINGS)) {
            to++;
        }
        return new Span(start, to);
    }

    /** {@code user[pin]} as a whole, and each of its words. */
    private boolean isLabel(Span span) {
        if (span.to - span.from > LABEL_BYTES_MAX) {
            return false;
        }
        if (names.isSecret(Span.text(bytes, span.from, span.to))) {
            return true;
        }
        int at = span.from;
        while (at < span.to) {
            int end = Math.min(span.to, wordEnd(at));
            if (end > at && names.isSecret(Span.text(bytes, at, end))) {
                return true;
            }
            at = end + 1;
        }
        return false;
    }

    private int wordEnd(int at) {
        int end = at;
        while (end < bytes.length && SecretPlace.isName(bytes[end])) {
            end++;
        }
        return end;
    }

    /** Whether a word is one of these, in whatever letters. */
    private boolean isAny(int at, int end, Set<String> words) {
        return end - at <= WORD_BYTES_MAX
                && (words.contains(lower(at, end)) || words.contains(lower(at + escape(bytes, at, end), end)));
    }

    private String lower(int at, int end) {
        return Span.text(bytes, at, end).toLowerCase(Locale.ROOT);
    }

    private boolean isAt(int at, List<String> texts) {
        int first = bytes[at];
        if (first != '&' && first != '\\' && first != '<' && first != '>') {
            return false;
        }
        return texts.stream().anyMatch(text -> at + text.length() <= bytes.length && lower(at, at + text.length()).equals(text));
    }

    private boolean endsWithOpening(int end) {
        return OPENINGS.stream().anyMatch(text -> text.length() <= end && lower(end - text.length(), end).equals(text));
    }

    /** Of one tag. */
    private final class Reading {
        private int at;
        private boolean secret;
        private boolean hasLabel;
        private boolean hasType;

        /** The rest of a tag that is cut may say that its value is secret. */
        private void read(int first, int end) {
            at = end;
            while (at < bytes.length && !isAt(at, OPENINGS) && !isAt(at, CLOSINGS)) {
                if (SecretPlace.isName(bytes[at])) {
                    readAttribute();
                } else {
                    at++;
                }
            }
            if (at >= bytes.length && end - first <= WORD_BYTES_MAX) {
                String tag = lower(first, end);
                secret |= tag.equals("input") && !(hasLabel && hasType) || tag.equals("meta") && !hasLabel;
            }
        }

        private void readAttribute() {
            int name = at;
            int nameEnd = wordEnd(at);
            at = nameEnd;
            Span value = attribute(nameEnd);
            if (value == null) {
                return;
            }
            at = value.to;
            boolean whole = value.to < bytes.length;
            if (isAny(name, nameEnd, LABELS)) {
                hasLabel |= whole;
                secret |= isLabel(value);
            } else if (isAny(name, nameEnd, TYPE)) {
                hasType |= whole;
                secret |= value.to - value.from <= WORD_BYTES_MAX && lower(value.from, value.to).equals("password");
            }
        }
    }
}
