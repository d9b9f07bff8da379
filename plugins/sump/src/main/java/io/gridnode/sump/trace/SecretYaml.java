package io.gridnode.sump.trace;

import java.util.ArrayList;
import java.util.List;

/**
 * Secrets in YAML that stand in other lines than their names: blocks, {@code password: |}, values below their names, and lists of
 * names and values: {@code - name: password}, and below it {@code value: s3cret}.
 */
final class SecretYaml {
    /** Bytes before a name in its line. */
    private static final int INDENT_BYTES_MAX = 256;
    /** The same of what may be a member, and of its name. */
    private static final int MEMBER_INDENT_BYTES_MAX = 64;
    private static final int MEMBER_BYTES_MAX = 16;
    private static final int SIGNS_MAX = 2;
    /** Of what says how a value is written. */
    private static final int TAG_BYTES_MAX = 33;
    private static final String INDENT = " \t-";
    private static final String BLANKS = " \t";
    private static final String QUOTES = "\"'";
    private static final String LINE_ENDS = "\r\n";

    private SecretYaml() {}

    /** The lines below a name that are indented deeper, or null; {@code after} its colon. Unless it is plain, a block alone. */
    static Span below(byte[] bytes, int at, int after, boolean plain) {
        int mark = Span.at(bytes, tagEnd(bytes, after));
        boolean block = mark == '|' || mark == '>';
        int line = plain || block ? body(bytes, after, block) : -1;
        int column = line < 0 ? -1 : column(bytes, at);
        if (column < 0) {
            return null;
        }
        Span found = null;
        while (line < bytes.length) {
            int first = Span.skip(bytes, line, BLANKS);
            int end = Span.until(bytes, first, LINE_ENDS);
            if (first < end) {
                if (first - line <= column) {
                    break;
                }
                if (found == null && !block) {
                    Quote open = Quote.at(bytes, first);
                    if (open != null) {
                        return quoted(bytes, open);
                    }
                    if (isNoValue(bytes, first, end)) {
                        return null;
                    }
                }
                found = new Span(found == null ? first : found.from, Span.trimmed(bytes, first, end, BLANKS).to);
            }
            line = end + 1;
        }
        return found;
    }

    /** The line after a colon whose value is below, with what stands of a block beside it, and a remark; or -1. */
    private static int body(byte[] bytes, int after, boolean block) {
        int at = tagEnd(bytes, after);
        if (block) {
            int signs = at + 1;
            at = signs;
            while (at < signs + SIGNS_MAX && isSign(Span.at(bytes, at))) {
                at++;
            }
            int next = Span.skip(bytes, at, BLANKS);
            at = next > at && Span.at(bytes, next) == '#' ? Span.until(bytes, next, LINE_ENDS) : next;
        }
        return at < bytes.length && LINE_ENDS.indexOf(bytes[at]) >= 0 ? at + 1 : -1;
    }

    /** Where a block may begin after blanks, and after a tag that says how it is written: {@code !vault |}. */
    private static int tagEnd(byte[] bytes, int after) {
        int at = Span.skip(bytes, after, BLANKS);
        int end = at;
        while (end <= at + TAG_BYTES_MAX && (Span.isAlphanumeric(Span.at(bytes, end)) || isTagMark(Span.at(bytes, end)))) {
            end++;
        }
        int next = Span.skip(bytes, end, BLANKS);
        boolean tag = Span.at(bytes, at) == '!' && end - at <= TAG_BYTES_MAX && next > end;
        return tag && (Span.at(bytes, next) == '|' || Span.at(bytes, next) == '>') ? next : at;
    }

    private static boolean isTagMark(int b) {
        return b == '!' || b == '_' || b == '-';
    }

    private static boolean isSign(int b) {
        return Span.isDigit(b) || b == '+' || b == '-';
    }

    private static Span quoted(byte[] bytes, Quote open) {
        int to = open.closing(bytes);
        Quote close = Quote.at(bytes, to);
        boolean member = close != null && Span.at(bytes, Span.skip(bytes, close.after, BLANKS)) == ':';
        return member ? null : new Span(open.after, to);
    }

    /** Whether a line has a tag, or other members. */
    private static boolean isNoValue(byte[] bytes, int first, int end) {
        int next = Span.at(bytes, first + 1);
        if (bytes[first] == '<' && (SecretPlace.isLetter(next) || next == '/' || next == '!')) {
            return true;
        }
        for (int at = first; at < end; at++) {
            if (bytes[at] == ':' && isBlankAt(bytes, at + 1, true)) {
                return true;
            }
        }
        return false;
    }

    private static boolean isBlankAt(byte[] bytes, int at, boolean end) {
        return at < bytes.length ? (BLANKS + LINE_ENDS).indexOf(bytes[at]) >= 0 : end;
    }

    /** Of a name that is the first of its line, or -1. */
    private static int column(byte[] bytes, int at) {
        int end = at > 0 && QUOTES.indexOf(bytes[at - 1]) >= 0 ? at - 1 : at;
        int start = end;
        while (start > 0 && end - start < INDENT_BYTES_MAX && INDENT.indexOf(bytes[start - 1]) >= 0) {
            start--;
        }
        return start == 0 || LINE_ENDS.indexOf(bytes[start - 1]) >= 0 ? end - start : -1;
    }

    /** Those that stand in two lines, one below the other, of one object: each one after the other. */
    static List<Member> members(byte[] bytes) {
        List<Member> found = new ArrayList<>(0);
        Member last = null;
        int lastEnd = 0;
        int line = 0;
        while (line < bytes.length) {
            int end = Span.until(bytes, line, LINE_ENDS);
            Member member = member(bytes, line, end);
            if (member != null) {
                boolean one = last != null && last.column == member.column && !member.first;
                boolean next = line == lastEnd + 1 || line == lastEnd + 2 && bytes[lastEnd] == '\r' && bytes[lastEnd + 1] == '\n';
                if (one && next) {
                    found.add(last);
                    found.add(member);
                }
                last = member;
                lastEnd = end;
            }
            line = end + 1;
        }
        return found;
    }

    private static Member member(byte[] bytes, int line, int end) {
        int indent = line;
        boolean dash = false;
        while (indent < bytes.length && indent < line + MEMBER_INDENT_BYTES_MAX && INDENT.indexOf(bytes[indent]) >= 0) {
            dash |= bytes[indent] == '-';
            indent++;
        }
        int first = indent + quote(bytes, indent);
        int to = first;
        while (to < first + MEMBER_BYTES_MAX && SecretPlace.isLetter(Span.at(bytes, to))) {
            to++;
        }
        int colon = to + quote(bytes, to);
        if (to == first || Span.at(bytes, colon) != ':' || !isBlankAt(bytes, colon + 1, false)) {
            return null;
        }
        Span text = Span.trimmed(bytes, colon + 1, end, BLANKS);
        return new Member(new Span(first, to), Span.trimmed(bytes, text.from, text.to, QUOTES), indent - line, dash);
    }

    private static int quote(byte[] bytes, int at) {
        return at < bytes.length && QUOTES.indexOf(bytes[at]) >= 0 ? 1 : 0;
    }

    /** One that has its own line: its name, the text of its value, its column, and whether it begins an object. */
    static final class Member {
        final Span name;
        final Span text;
        private final int column;
        private final boolean first;

        private Member(Span name, Span text, int column, boolean first) {
            this.name = name;
            this.text = text;
            this.column = column;
            this.first = first;
        }
    }
}
