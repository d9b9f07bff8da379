package io.gridnode.sump.trace;

import java.util.ArrayList;
import java.util.List;

/**
 * Secrets in a text that is a form as a whole, {@code password=a;b&scope=c}, or begins with a URL that has one: there a value may
 * have what ends one elsewhere. Those of a text.
 */
final class SecretForm {
    private static final byte[] REFERENCE = Span.utf8("amp;");
    /** What names have in them beside letters and digits: those of the first pair, and of others. */
    private static final String NAME_MARKS = "_.%[]+-";
    private static final String NEXT_MARKS = "_.%[]+-:";
    /** Characters of a method before a URL. */
    private static final int METHOD_BYTES_MIN = 3;
    private static final int METHOD_BYTES_MAX = 8;
    /** What is in a URL before its query, beside letters and digits; and what no query has in it. */
    private static final String URL_MARKS = "_.~:/@!$%*+-";
    private static final String URL_ENDS = " \t\r\n\"'<>";
    private static final String WHITE = " \t\r\n";
    private static final String BLANKS = " \t";
    private static final String LINE_ENDS = "\r\n";

    /** The values of its secrets, each up to the next pair. */
    final List<Span> secrets = new ArrayList<>(0);

    private final byte[] bytes;

    SecretForm(byte[] bytes, SecretNames names) {
        this.bytes = bytes;
        int query = query();
        int start = Math.max(0, query);
        int end = nameEnd(start, NAME_MARKS);
        if (!isName(start, end) || bytes[start] == '[' || Span.at(bytes, end + 1) == '>') {
            return;
        }
        int formEnd = query >= 0 ? Span.until(bytes, query, URL_ENDS) : trimmed();
        Span name = new Span(start, end);
        for (int at = Span.until(bytes, end + 1, "&"); at < formEnd; at = Span.until(bytes, end, "&")) {
            int next = Span.startsWith(bytes, at + 1, REFERENCE) ? at + 1 + REFERENCE.length : at + 1;
            end = nameEnd(next, NEXT_MARKS);
            if (isName(next, end) && end < formEnd) {
                push(name, at, names);
                name = new Span(next, end);
            }
        }
        boolean alone = query < 0 && name.from == 0;
        if (!alone || Quote.at(bytes, name.to + 1) == null && !isOther(name.to + 1)) {
            push(name, formEnd, names);
        }
    }

    /** Where the query of a URL begins that the text begins with, also after a method; or -1. */
    private int query() {
        int method = 0;
        while (method < bytes.length && bytes[method] >= 'A' && bytes[method] <= 'Z') {
            method++;
        }
        boolean named = method >= METHOD_BYTES_MIN && method <= METHOD_BYTES_MAX && Span.at(bytes, method) == ' ';
        int end = named ? method + 1 : 0;
        while (end < bytes.length && (Span.isAlphanumeric(bytes[end]) || URL_MARKS.indexOf(bytes[end]) >= 0)) {
            end++;
        }
        return Span.at(bytes, end) == '?' || Span.at(bytes, end) == '#' ? end + 1 : -1;
    }

    /** Where the white space at the end begins. */
    private int trimmed() {
        int end = bytes.length;
        while (end > 0 && WHITE.indexOf(bytes[end - 1]) >= 0) {
            end--;
        }
        return end;
    }

    private void push(Span name, int end, SecretNames names) {
        Span value = new Span(name.to + 1, end);
        if (value.from < end
                && SecretTags.isLabel(bytes, name, names)
                && SecretTags.fits(bytes, name, value, names)
                && !SecretNothing.isNothing(bytes, name.from, name.to, value)) {
            secrets.add(value);
        }
    }

    private boolean isName(int at, int end) {
        return end > at && Span.at(bytes, end) == '=';
    }

    private int nameEnd(int at, String marks) {
        int end = at;
        while (end < bytes.length && (Span.isAlphanumeric(bytes[end]) || marks.indexOf(bytes[end]) >= 0)) {
            end++;
        }
        return end;
    }

    /** Whether a pair that stands alone is of a text, {@code token=abc, roles}, or of a program: {@code password==null||a<8}. */
    private boolean isOther(int from) {
        int comma = Span.until(bytes, from, ", \t\r\n");
        boolean sentence = comma > from && Span.at(bytes, comma) == ',' && Span.skip(bytes, comma + 1, BLANKS) > comma + 1;
        return SecretNothing.compared(bytes, from) >= 0 || SecretScript.isProgram(bytes, from) || sentence
                || SecretWeak.isCount(bytes, from) || isFollowed(from);
    }

    /** Whether another line names something: a pair that stands alone is no form then. */
    private boolean isFollowed(int from) {
        for (int at = Span.until(bytes, from, LINE_ENDS); at < bytes.length; at = Span.until(bytes, at + 1, LINE_ENDS)) {
            int start = Span.skip(bytes, at + 1, BLANKS);
            int end = nameEnd(start, NAME_MARKS);
            int mark = Span.at(bytes, Span.skip(bytes, end, BLANKS));
            if (end > start && (mark == ':' || mark == '=')) {
                return true;
            }
        }
        return false;
    }
}
