package io.gridnode.sump.trace;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Secrets in the columns of tables, whose titles name them: of pages, {@code <tr><th>password</th></tr><tr><td>s3cret</td></tr>}, and
 * with bars below a line, as Markdown and databases write them. The fields of a text's columns that have a secret's name.
 */
final class SecretGrid {
    /** What ends a row. */
    private static final Set<String> ROW_ENDS = Set.of("tr", "table", "thead", "tbody", "tfoot");
    /** Around what a field says, in Markdown. */
    private static final String AROUND = " \t*`";
    private static final String BLANKS = " \t";
    private static final String RULE = " \t|+:";
    /** What says that there is one, or how it is. */
    private static final Set<String> WORDS =
            Set.of("yes", "no", "required", "optional", "string", "text", "none", "n/a", "on", "off", "hidden");
    private static final int WORD_BYTES_MAX = 8;
    private static final int COUNT_DIGITS_MAX = 2;
    private static final int MARKS_MAX = 3;
    private static final int RULE_BYTES_MIN = 2;
    private static final int LINE_BYTES_MAX = 8_192;

    final List<Span> secrets = new ArrayList<>(0);

    private final byte[] bytes;
    private final SecretNames names;

    SecretGrid(byte[] bytes, SecretNames names) {
        this.bytes = bytes;
        this.names = names;
        page();
        if (Span.find(bytes, 0, bytes.length, new byte[] {'|'}) >= 0) {
            lines();
        }
    }

    private void page() {
        List<Span> head = List.of();
        List<Span> row = new ArrayList<>();
        boolean isHead = true;
        int at = 0;
        while (at < bytes.length) {
            SecretCell.Tag tag = SecretCell.Tag.at(bytes, at, bytes.length);
            if (tag == null) {
                at++;
                continue;
            }
            at = tag.after;
            if (!tag.end && (tag.name.equals("td") || tag.name.equals("th"))) {
                SecretCell cell = SecretCell.content(bytes, at);
                row.add(cell.value);
                at = cell.cellTo;
                isHead &= tag.name.equals("th");
            } else if (ROW_ENDS.contains(tag.name)) {
                if (isHead && !row.isEmpty()) {
                    head = row;
                } else {
                    push(head, row, false);
                }
                head = tag.name.equals("table") ? List.of() : head;
                row = new ArrayList<>();
                isHead = true;
            }
        }
        if (!isHead) {
            push(head, row, true);
        }
    }

    /** Those of a row that has as many fields as the titles are, unless it is cut. */
    private void push(List<Span> head, List<Span> row, boolean cut) {
        if (row.size() != head.size() && !(cut && row.size() < head.size())) {
            return;
        }
        for (int i = 0; i < row.size(); i++) {
            Span title = head.get(i);
            Span field = row.get(i);
            if (SecretCell.isName(Arrays.copyOfRange(bytes, title.from, title.to), names)
                    && !isNothing(title, field)
                    && names.fits(Span.text(bytes, title.from, title.to), bytes, field)) {
                secrets.add(field);
            }
        }
    }

    private boolean isNothing(Span title, Span field) {
        boolean mark = field.to - field.from <= MARKS_MAX;
        boolean count = field.to - field.from <= COUNT_DIGITS_MAX;
        for (int at = field.from; at < field.to && (mark || count); at++) {
            mark &= !Span.isAlphanumeric(bytes[at]);
            count &= Span.isDigit(bytes[at]);
        }
        return mark || count || isWord(bytes, field) || SecretNothing.isNothing(bytes, title.from, title.to, field);
    }

    /** Whether a value says no more than how it is. */
    static boolean isWord(byte[] bytes, Span text) {
        boolean fits = text.to - text.from <= WORD_BYTES_MAX;
        return fits && WORDS.contains(Span.text(bytes, text.from, text.to).toLowerCase(Locale.ROOT));
    }

    private void lines() {
        List<Span> head = List.of();
        List<Span> before = List.of();
        int at = 0;
        while (at < bytes.length) {
            int end = Span.until(bytes, at, "\r\n");
            if (isRule(at, end)) {
                head = before.isEmpty() ? head : before;
                before = List.of();
            } else {
                before = fields(at, end);
                head = before.isEmpty() ? List.of() : head;
                if (!head.isEmpty()) {
                    push(head, before, end >= bytes.length);
                }
            }
            at = end + (Span.at(bytes, end) == '\r' && Span.at(bytes, end + 1) == '\n' ? 2 : 1);
        }
    }

    /** What stands between titles and rows, and around all of them. */
    private boolean isRule(int from, int to) {
        int dashes = Span.skip(bytes, from, RULE);
        int at = Span.skip(bytes, dashes, "-");
        boolean ruled = at <= to && at - dashes >= RULE_BYTES_MIN;
        while (ruled && at < to && (bytes[at] == '-' || RULE.indexOf(bytes[at]) >= 0)) {
            at++;
        }
        return ruled && at == to;
    }

    /** What is between the bars of a line, which may begin with one, and end so. */
    private List<Span> fields(int from, int to) {
        Span line = Span.trimmed(bytes, from, to, BLANKS);
        if (to - from > LINE_BYTES_MAX || Span.find(bytes, line.from, line.to, new byte[] {'|'}) < 0) {
            return List.of();
        }
        int start = line.from + (bytes[line.from] == '|' ? 1 : 0);
        int end = line.to - (line.to > start && bytes[line.to - 1] == '|' ? 1 : 0);
        List<Span> found = new ArrayList<>();
        int first = start;
        for (int at = start; at < end; at++) {
            if (bytes[at] == '|' && Span.at(bytes, at - 1) != '\\') {
                found.add(Span.trimmed(bytes, first, at, AROUND));
                first = at + 1;
            }
        }
        found.add(Span.trimmed(bytes, first, end, AROUND));
        return found;
    }
}
