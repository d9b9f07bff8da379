package io.gridnode.sump.trace;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Set;

/**
 * Values on a page that stand in the element after the one that names them: {@code <label>API key</label> <code>s3cret1</code>}. They
 * must look like values, see {@link SecretLikely}: many elements stand beside another.
 */
final class SecretCaption {
    /** Elements that name another, and those that have a value. */
    private static final Set<String> OWN = Set.of(
            "b", "dfn", "div", "em", "h1", "h2", "h3", "h4", "h5", "h6", "i", "label", "legend", "li", "p", "small", "span", "strong");
    private static final Set<String> VALUES = Set.of(
            "b", "code", "data", "div", "em", "i", "kbd", "mark", "output", "p", "pre", "samp", "span", "strong", "tt", "var");
    private static final int OWN_BYTES_MAX = 6;
    private static final int TAG_BYTES_MAX = 256;
    private static final int LABEL_BYTES_MAX = 64;
    private static final int VALUE_BYTES_MAX = 512;
    private static final String WHITE = " \t\r\n";

    private SecretCaption() {}

    /** The text of the element after the one whose tag's name this is, or null. */
    static Span of(byte[] bytes, int first, int end, SecretNames names) {
        if (end - first > OWN_BYTES_MAX || !TagMark.endsWithOpening(bytes, first)) {
            return null;
        }
        String own = TagMark.lower(bytes, first, end);
        int label = OWN.contains(own) ? SecretCell.tagEnd(bytes, end, limit(bytes, end)) : -1;
        int labelTo = label < 0 ? -1 : textEnd(bytes, label, LABEL_BYTES_MAX + 1);
        if (labelTo < 0 || !SecretCell.isName(Arrays.copyOfRange(bytes, label, labelTo), names)) {
            return null;
        }
        SecretCell.Tag close = SecretCell.Tag.at(bytes, labelTo, limit(bytes, labelTo));
        if (close == null || !close.end || !close.name.equals(own)) {
            return null;
        }
        int at = SecretCell.white(bytes, close.after);
        SecretCell.Tag tag = SecretCell.Tag.at(bytes, at, limit(bytes, at));
        int to = tag == null || tag.end || !VALUES.contains(tag.name) ? -1 : textEnd(bytes, tag.after, VALUE_BYTES_MAX);
        if (to < 0) {
            return null;
        }
        Span value = Span.trimmed(bytes, tag.after, to, WHITE);
        String word = new String(bytes, value.from, value.to - value.from, StandardCharsets.ISO_8859_1);
        boolean one = Span.until(bytes, value.from, value.to, WHITE) == value.to;
        return one && SecretLikely.is(word) ? value : null;
    }

    private static int limit(byte[] bytes, int at) {
        return Math.min(bytes.length, at + TAG_BYTES_MAX);
    }

    /** Where the next tag begins, or the text ends; or -1. */
    private static int textEnd(byte[] bytes, int from, int count) {
        int limit = Math.min(bytes.length, from + count);
        int at = from;
        while (at < limit && TagMark.opening(bytes, at) == 0) {
            at++;
        }
        return at < limit || limit == bytes.length ? at : -1;
    }
}
