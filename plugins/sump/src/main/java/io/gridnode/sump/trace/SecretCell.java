package io.gridnode.sump.trace;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Set;

/** Secrets in tables and lists of terms: {@code <th>API key</th><td>s3cret</td>}, {@code <dt>token</dt><dd>s3cret</dd>}. */
final class SecretCell {
    /** Bytes from a cell's beginning to that of its neighbour. */
    private static final int LABEL_CELL_BYTES_MAX = 1_024;
    /** Bytes of a cell's text that may be a name, and its words. */
    private static final int LABEL_BYTES_MAX = 64;
    private static final int LABEL_WORDS_MAX = 4;
    /** What has one of these words is no secret's name: {@code Price per token}. */
    private static final Set<String> NO_NAMES = Set.of("per", "price", "cost");
    /** Tags within a cell's text. */
    private static final Set<String> INLINE = Set.of(
            "a", "b", "br", "code", "div", "em", "font", "i", "label", "p", "pre", "small", "span", "strong", "tt", "u");
    /** Where a cell ends, whether or not it is closed. */
    private static final Set<String> BEGINNINGS = Set.of("td", "th", "tr", "dt", "dd");
    private static final Set<String> ENDS = Set.of("td", "th", "tr", "dt", "dd", "dl", "table", "tbody", "thead");
    private static final String WHITE = " \t\r\n\f";
    private static final String LINE_ESCAPES = "nrtNRT";
    /** Bytes of a tag's name. */
    private static final int NAME_BYTES_MAX = 16;
    /** Of a reference in HTML, {@code &nbsp;}. */
    private static final int REFERENCE_BYTES_MAX = 8;

    /** What names a cell's text: that text, which may be none, and where its cell begins and ends. */
    final Span value;
    final int labelTo;
    final int cellTo;

    private SecretCell(Span value, int labelTo, int cellTo) {
        this.value = value;
        this.labelTo = labelTo;
        this.cellTo = cellTo;
    }

    /** The cell that has the value of the one whose tag's name this is, or null. */
    static SecretCell of(byte[] bytes, int first, int end, SecretNames names) {
        String own = name(bytes, first, end);
        String wanted = own.equals("th") || own.equals("td") ? "td" : own.equals("dt") ? "dd" : null;
        int limit = Math.min(bytes.length, end + LABEL_CELL_BYTES_MAX);
        int at = wanted == null ? -1 : tagEnd(bytes, end, limit);
        if (at < 0) {
            return null;
        }
        ByteArrayOutputStream label = new ByteArrayOutputStream();
        while (at < limit) {
            Tag tag = Tag.at(bytes, at, limit);
            if (tag == null) {
                int reference = reference(bytes, at);
                label.write(reference > 0 ? ' ' : bytes[at]);
                at += Math.max(1, reference);
                continue;
            }
            Tag next = tag.end && tag.name.equals(own) ? Tag.at(bytes, white(bytes, tag.after), limit) : tag;
            if (next != null && !next.end && next.name.equals(wanted)) {
                String title = inner(label.toString(StandardCharsets.UTF_8).strip());
                SecretCell cell = isName(Span.utf8(title), names) ? content(bytes, next.after) : null;
                return cell != null && names.fits(title, bytes, cell.value) ? cell : null;
            }
            if (next != tag || !INLINE.contains(tag.name)) {
                return null;
            }
            at = tag.after;
        }
        return null;
    }

    /** The name that is an index: {@code $_SERVER['PHP_AUTH_PW']}. */
    private static String inner(String label) {
        if (!label.endsWith("]") || !label.startsWith("_") && !label.startsWith("$_")) {
            return label;
        }
        return label.substring(label.lastIndexOf('[') + 1, label.length() - 1).replaceAll("^[ \"']+|[ \"']+$", "");
    }

    static boolean isName(byte[] text, SecretNames names) {
        int from = Span.skip(text, 0, WHITE);
        int to = text.length;
        while (to > from && WHITE.indexOf(text[to - 1]) >= 0) {
            to--;
        }
        if (to - from > LABEL_BYTES_MAX) {
            return false;
        }
        String label = new String(text, from, to - from, StandardCharsets.UTF_8);
        int words = 0;
        for (String word : label.split("[^0-9A-Za-z]+")) {
            words += word.isEmpty() ? 0 : 1;
            if (NO_NAMES.contains(word.toLowerCase(Locale.ROOT))) {
                return false;
            }
        }
        return words <= LABEL_WORDS_MAX && names.isSecret(label);
    }

    /** The text of a cell without the tags around it, and where the cell ends. */
    static SecretCell content(byte[] bytes, int start) {
        int from = -1;
        int to = start;
        int at = start;
        while (at < bytes.length) {
            Tag tag = Tag.at(bytes, at, bytes.length);
            if (tag != null) {
                if ((tag.end ? ENDS : BEGINNINGS).contains(tag.name)) {
                    break;
                }
                at = tag.after;
                continue;
            }
            if (WHITE.indexOf(bytes[at]) < 0) {
                from = from < 0 ? at : from;
                to = at + 1;
            }
            at++;
        }
        return new SecretCell(new Span(from < 0 ? start : from, to), start, at);
    }

    private static String name(byte[] bytes, int from, int to) {
        return to - from > NAME_BYTES_MAX ? "" : TagMark.lower(bytes, from, to);
    }

    /** After the mark that ends a tag, before another begins, or -1. */
    static int tagEnd(byte[] bytes, int from, int limit) {
        for (int at = from; at < limit; at++) {
            int length = TagMark.closing(bytes, at);
            if (length > 0) {
                return at + length;
            }
            if (TagMark.opening(bytes, at) > 0) {
                return -1;
            }
        }
        return -1;
    }

    /** Blanks and line ends, also as escapes. */
    static int white(byte[] bytes, int from) {
        int at = Span.skip(bytes, from, WHITE);
        while (Span.at(bytes, at) == '\\' && at + 1 < bytes.length && LINE_ESCAPES.indexOf(bytes[at + 1]) >= 0) {
            at = Span.skip(bytes, at + 2, WHITE);
        }
        return at;
    }

    private static int reference(byte[] bytes, int at) {
        if (bytes[at] != '&') {
            return 0;
        }
        int end = at + 1;
        while (end < bytes.length && end < at + REFERENCE_BYTES_MAX && (Span.isAlphanumeric(bytes[end]) || bytes[end] == '#')) {
            end++;
        }
        return Span.at(bytes, end) == ';' ? end + 1 - at : 0;
    }

    /** Its name in small letters, whether it closes an element, and where its text goes on. */
    static final class Tag {
        final String name;
        final boolean end;
        final int after;

        private Tag(String name, boolean end, int after) {
            this.name = name;
            this.end = end;
            this.after = after;
        }

        /** The one that begins there, or null. One that never ends is text. */
        static Tag at(byte[] bytes, int at, int limit) {
            int opening = TagMark.opening(bytes, at);
            if (opening == 0) {
                return null;
            }
            int slash = at + opening + (Span.at(bytes, at + opening) == '\\' ? 1 : 0);
            boolean end = Span.at(bytes, slash) == '/';
            int from = end ? slash + 1 : at + opening;
            int to = from;
            while (to < bytes.length && Span.isAlphanumeric(bytes[to])) {
                to++;
            }
            int after = tagEnd(bytes, to, limit);
            return after < 0 ? null : new Tag(SecretCell.name(bytes, from, to), end, after);
        }
    }
}
