package io.gridnode.sump.trace;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Secrets in statements that insert rows, by their place in the list of columns:
 * {@code INSERT INTO users (name, password) VALUES ('ann', 's3cret'), …}. Those of the rows after a word.
 */
final class SecretInsert {
    private static final String WORD = "values";
    /** Bytes of a list of columns, rows, and bytes of a value, also of one without marks. */
    private static final int COLUMNS_BYTES_MAX = 1_024;
    private static final int ROWS_MAX = 1_000;
    private static final int FIELDS_MAX = 256;
    private static final int VALUE_BYTES_MAX = 4_096;
    private static final int PLAIN_BYTES_MAX = 256;
    private static final String WHITE = " \t\r\n";
    private static final String PLAIN_ENDS = ",() \t\r\n\"';";
    private static final Pattern COLUMNS = Pattern.compile("\\(([^()]*)\\)[ \t\r\n\f]*\\z");
    /** The name of a column, as databases write it. */
    private static final Pattern NAME = Pattern.compile("[ \t\r\n\"'`\\[\\]\\\\]*([^ \t\r\n\"'`\\[\\]\\\\]*)");
    private static final byte[] DOUBLE = {'\'', '\''};

    final List<Span> secrets = new ArrayList<>(0);

    private final byte[] bytes;
    /** Which columns are secret. */
    private final List<Boolean> columns = new ArrayList<>(0);

    private SecretInsert(byte[] bytes) {
        this.bytes = bytes;
    }

    static List<Span> inserted(byte[] bytes, int at, int end, SecretNames names) {
        if (end - at != WORD.length() || !TagMark.isAt(bytes, at, WORD)) {
            return List.of();
        }
        SecretInsert insert = new SecretInsert(bytes);
        if (insert.hasColumns(at, names)) {
            int next = end;
            for (int i = 0; next >= 0 && i < ROWS_MAX; i++) {
                next = insert.row(next);
            }
        }
        return insert.secrets;
    }

    private boolean hasColumns(int at, SecretNames names) {
        int from = Math.max(0, at - COLUMNS_BYTES_MAX);
        Matcher list = COLUMNS.matcher(new String(bytes, from, at - from, StandardCharsets.ISO_8859_1));
        if (!list.find()) {
            return false;
        }
        for (String column : list.group(1).split(",", -1)) {
            Matcher name = NAME.matcher(column);
            columns.add(name.lookingAt()
                    && names.isSecret(new String(name.group(1).getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8)));
        }
        return columns.contains(true);
    }

    /** Reads a row, and says where the next one may begin, or -1. */
    private int row(int from) {
        int open = Span.skip(bytes, from, WHITE);
        if (Span.at(bytes, open) != '(') {
            return -1;
        }
        int at = Span.skip(bytes, open + 1, WHITE);
        for (int place = 0; place < FIELDS_MAX; place++) {
            int end = field(at, place < columns.size() && columns.get(place));
            int comma = end < 0 ? -1 : Span.skip(bytes, end, WHITE);
            int mark = Span.at(bytes, comma);
            if (mark == ')') {
                int next = Span.skip(bytes, comma + 1, WHITE);
                return Span.at(bytes, next) == ',' ? next + 1 : -1;
            }
            if (mark != ',') {
                return -1;
            }
            at = Span.skip(bytes, comma + 1, WHITE);
        }
        return -1;
    }

    /** Reads a value, and says where it ends, or -1. A string or a number may be secret; others stand for one. */
    private int field(int from, boolean secret) {
        boolean prefix = Span.at(bytes, from + 1) == '\'' && (Span.at(bytes, from) == 'N' || Span.at(bytes, from) == 'E');
        int at = prefix ? from + 1 : from;
        Quote open = Quote.at(bytes, at);
        if (open != null) {
            byte[] head = Arrays.copyOf(bytes, Math.min(bytes.length, open.after + VALUE_BYTES_MAX));
            return string(head, at, open, secret);
        }
        int to = Span.until(bytes, at, Math.min(bytes.length, at + PLAIN_BYTES_MAX), PLAIN_ENDS);
        boolean number = true;
        for (int i = at; i < to; i++) {
            number &= Span.isDigit(bytes[i]);
        }
        if (secret && number && to > at) {
            secrets.add(new Span(at, to));
        }
        return to > at ? to : -1;
    }

    private int string(byte[] head, int at, Quote open, boolean secret) {
        int to = open.closing(head);
        // 'it''s'
        while (head[at] == '\'' && Span.startsWith(head, to, DOUBLE)) {
            to = open.from(to + 2).closing(head);
        }
        if (secret) {
            secrets.add(new Span(open.after, to));
        }
        Quote close = Quote.at(head, to);
        return close == null ? to : close.after;
    }
}
