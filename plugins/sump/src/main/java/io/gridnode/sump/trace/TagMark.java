package io.gridnode.sump.trace;

import java.util.List;
import java.util.Locale;

/** What begins a tag and what ends it: as it stands, as text of a page, in a script. */
final class TagMark {
    private static final List<String> OPENINGS = List.of("<", "&lt;", "&#60;", "\\u003c");
    private static final List<String> CLOSINGS = List.of(">", "&gt;", "&#62;", "\\u003e");

    private TagMark() {}

    /** The length of the mark there that begins a tag, or 0. */
    static int opening(byte[] bytes, int at) {
        return mark(bytes, at, OPENINGS);
    }

    /** The same of one that ends it. */
    static int closing(byte[] bytes, int at) {
        return mark(bytes, at, CLOSINGS);
    }

    /** Whether a mark that begins a tag ends there. */
    static boolean endsWithOpening(byte[] bytes, int end) {
        return OPENINGS.stream().anyMatch(text -> text.length() <= end && lower(bytes, end - text.length(), end).equals(text));
    }

    /** Whether a text in small letters stands there, in whatever letters. */
    static boolean isAt(byte[] bytes, int at, String text) {
        return at + text.length() <= bytes.length && lower(bytes, at, at + text.length()).equals(text);
    }

    static String lower(byte[] bytes, int from, int to) {
        return Span.text(bytes, from, to).toLowerCase(Locale.ROOT);
    }

    private static int mark(byte[] bytes, int at, List<String> marks) {
        int first = Span.at(bytes, at);
        if (first == '&' || first == '\\' || first == '<' || first == '>') {
            for (String text : marks) {
                if (isAt(bytes, at, text)) {
                    return text.length();
                }
            }
        }
        return 0;
    }
}
