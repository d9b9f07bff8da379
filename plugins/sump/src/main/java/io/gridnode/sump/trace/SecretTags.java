package io.gridnode.sump.trace;

import java.util.List;
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
    /** What a browser fills in, and what of it is secret. */
    private static final Set<String> FILL = Set.of("autocomplete");
    private static final Set<String> FILLED =
            Set.of("current-password", "new-password", "one-time-code", "cc-number", "cc-csc");
    /** The element within one that has its value. */
    private static final Set<String> CHILDREN = Set.of("value", "val", "string", "text", "content");
    /** Labels whose element has its value as its text. */
    private static final Set<String> TEXT_LABELS = Set.of("name", "key", "property");
    /** Elements that have no such text. */
    private static final Set<String> TEXTLESS =
            Set.of("input", "meta", "a", "form", "button", "link", "img", "iframe", "label");
    /** The element whose text may have tags in it. */
    private static final String TEXT_FIELD = "textarea";
    private static final Set<String> TEXT_FIELDS = Set.of(TEXT_FIELD);
    private static final List<String> TEXT_FIELD_ENDS = List.of("/" + TEXT_FIELD, "\\/" + TEXT_FIELD);
    /** Bytes of a text field's tag that is not read to its end. */
    private static final int TAG_BYTES_MAX = 2_048;
    /** Bytes of the longest attribute's name that is one of these. */
    private static final int WORD_BYTES_MAX = 16;
    /** Bytes of the longest label that is looked at. */
    private static final int LABEL_BYTES_MAX = 256;
    private static final String WHITE = " \t\r\n\f";

    private final byte[] bytes;
    private final SecretNames names;
    private int readTo;
    /** Bytes that were read more than once. */
    private int again;
    private int secretTo;
    /** Up to where a cell of a table is that names another's text. */
    private int labelTo;

    SecretTags(byte[] bytes, SecretNames names) {
        this.bytes = bytes;
        this.names = names;
    }

    /** Looks at a word; should it begin a tag, at all of it. What is secret of the element's text, or null. */
    Span look(int at, int end) {
        int first = at + escape(bytes, at, end);
        if (!TagMark.endsWithOpening(bytes, first)) {
            return null;
        }
        SecretCell cell = SecretCell.of(bytes, first, end, names);
        if (cell != null) {
            // There may be a field in the cell.
            labelTo = cell.labelTo;
            secretTo = Math.max(secretTo, cell.cellTo);
            return cell.value;
        }
        // A mark that is never closed must not hide the tags after it. Nor may they all be read to the end of the text: what is not
        // looked at again may be secret.
        if (first < readTo && again >= bytes.length) {
            secretTo = Math.max(secretTo, readTo);
            int tagEnd = Span.find(bytes, end, Math.min(bytes.length, end + TAG_BYTES_MAX), Span.utf8(">"));
            return tagEnd >= 0 && isOf(first, end, TEXT_FIELDS) ? content(first, end, tagEnd) : null;
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
        return reading.hasText ? content(first, end, reading.at) : null;
    }

    /** Whether a word is part of what names another cell's text. */
    boolean isLabel(int at) {
        return at < labelTo;
    }

    /** The text of an element whose tag ends there, up to the next tag, or, of a text field, to its own; or null. */
    private Span content(int first, int end, int tagEnd) {
        int length = TagMark.closing(bytes, tagEnd);
        if (length == 0 || isAny(bytes, first, end, TEXTLESS) || Span.at(bytes, tagEnd - 1) == '/') {
            return null;
        }
        boolean field = isAny(bytes, first, end, TEXT_FIELDS);
        int from = child(tagEnd + length);
        int to = from;
        while (to < bytes.length && !isContentEnd(to, field)) {
            to++;
        }
        while (to > from && WHITE.indexOf(bytes[to - 1]) >= 0) {
            to--;
        }
        from = Math.min(to, Span.skip(bytes, from, WHITE));
        return to > from ? new Span(from, to) : null;
    }

    /** After the tag that an element begins with, if that has its value: {@code <item key="token"><value>s3cret</value></item>}. */
    private int child(int start) {
        int next = Span.skip(bytes, start, WHITE);
        int first = next + TagMark.opening(bytes, next);
        int end = first;
        while (end < bytes.length && SecretPlace.isLetter(bytes[end])) {
            end++;
        }
        int close = first > next && isAny(bytes, first, end, CHILDREN) ? TagMark.closing(bytes, end) : 0;
        return close > 0 ? end + close : start;
    }

    private boolean isContentEnd(int at, boolean field) {
        int length = TagMark.opening(bytes, at);
        return length > 0 && (!field || TEXT_FIELD_ENDS.stream().anyMatch(text -> TagMark.isAt(bytes, at + length, text)));
    }

    /** The value that the word begins, in a tag whose value is secret, or null. */
    Span value(int at, int end) {
        return at < secretTo && isAny(bytes, at, end, VALUES) ? attribute(end) : null;
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
        while (to < bytes.length && WHITE.indexOf(bytes[to]) < 0 && TagMark.closing(bytes, to) == 0) {
            to++;
        }
        return new Span(start, to);
    }

    /** {@code user[pin]} as a whole, and each of its words. */
    static boolean isLabel(byte[] bytes, Span span, SecretNames names) {
        if (span.to - span.from > LABEL_BYTES_MAX) {
            return false;
        }
        if (names.isSecret(Span.text(bytes, span.from, span.to))) {
            return true;
        }
        int at = span.from;
        while (at < span.to) {
            int end = Math.min(span.to, wordEnd(bytes, at));
            if (end > at && names.isSecret(Span.text(bytes, at, end))) {
                return true;
            }
            at = end + 1;
        }
        return false;
    }

    /** Whether a value is secret that has this label: as a whole, or one of its words. */
    static boolean fits(byte[] bytes, Span label, Span value, SecretNames names) {
        boolean fits = names.fits(Span.text(bytes, label.from, label.to), bytes, value);
        for (int at = label.from; !fits && at < label.to; at++) {
            int end = Math.min(label.to, wordEnd(bytes, at));
            fits = end > at && names.fits(Span.text(bytes, at, end), bytes, value);
            at = end;
        }
        return fits;
    }

    private static int wordEnd(byte[] bytes, int at) {
        int end = at;
        while (end < bytes.length && SecretPlace.isName(bytes[end])) {
            end++;
        }
        return end;
    }

    /** Whether a word is one of these, in whatever letters. */
    static boolean isAny(byte[] bytes, int at, int end, Set<String> words) {
        return end - at <= WORD_BYTES_MAX
                && (words.contains(TagMark.lower(bytes, at, end))
                        || words.contains(TagMark.lower(bytes, at + escape(bytes, at, end), end)));
    }

    private boolean isOf(int at, int end, Set<String> words) {
        return end - at <= WORD_BYTES_MAX && words.contains(TagMark.lower(bytes, at, end));
    }

    /** Of one tag. */
    private final class Reading {
        private int at;
        private boolean secret;
        private boolean hasLabel;
        private boolean hasType;
        private boolean field;
        /** Whether the element's text is secret. */
        private boolean hasText;

        /** The rest of a tag that is cut may say that its value is secret. */
        private void read(int first, int end) {
            at = end;
            field = isAny(bytes, first, end, TEXT_FIELDS);
            while (at < bytes.length && TagMark.opening(bytes, at) == 0 && TagMark.closing(bytes, at) == 0) {
                if (SecretPlace.isName(bytes[at])) {
                    readAttribute();
                } else {
                    at++;
                }
            }
            if (at >= bytes.length && end - first <= WORD_BYTES_MAX) {
                String tag = TagMark.lower(bytes, first, end);
                secret |= tag.equals("input") && !(hasLabel && hasType) || tag.equals("meta") && !hasLabel;
            }
        }

        private void readAttribute() {
            int name = at;
            int nameEnd = wordEnd(bytes, at);
            at = nameEnd;
            Span value = attribute(nameEnd);
            if (value == null) {
                return;
            }
            at = value.to;
            boolean whole = value.to < bytes.length;
            if (isAny(bytes, name, nameEnd, LABELS)) {
                hasLabel |= whole;
                boolean carrier = isLabel(bytes, value, names);
                secret |= carrier;
                hasText |= carrier && (field || isAny(bytes, name, nameEnd, TEXT_LABELS));
            } else if (isAny(bytes, name, nameEnd, TYPE)) {
                hasType |= whole;
                secret |= value.to - value.from <= WORD_BYTES_MAX && TagMark.lower(bytes, value.from, value.to).equals("password");
            } else if (isAny(bytes, name, nameEnd, FILL)) {
                int last = value.to;
                while (last > value.from && bytes[last - 1] != ' ') {
                    last--;
                }
                secret |= isOf(last, value.to, FILLED);
            }
        }
    }
}
