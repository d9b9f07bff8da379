package io.gridnode.sump.trace;

import java.util.ArrayList;
import java.util.List;

/** Secrets in the columns of a table in text, whose first line names them: {@code user,password}, and below it {@code bob,hunter2}. */
final class SecretTable {
    private static final byte[] BOM = Span.utf8("\uFEFF");
    private static final String SEPARATORS = ",;\t|";
    /** Lines before the first one, and how that begins which says the separator. */
    private static final int BEFORE_MAX = 8;
    private static final int COUNT_DIGITS_MAX = 2;
    private static final String OWN = "sep=";
    private static final String LINE_ENDS = "\r\n";
    private static final String BLANKS = " \t";
    private static final int HEAD_BYTES_MAX = 8_192;
    private static final int ROWS_MAX = 10_000;
    /** Of a column's name; a sentence has more words. */
    private static final int NAME_BYTES_MAX = 64;
    private static final int BLANKS_MAX = 2;
    private static final String NAME_MARKS = " .-";

    /** The fields of the columns that have a secret's name. */
    final List<Span> secrets = new ArrayList<>(0);

    private final byte[] bytes;
    private final SecretNames names;
    /** Where the next line begins. */
    private int at;

    SecretTable(byte[] bytes, SecretNames names) {
        this.bytes = bytes;
        this.names = names;
        at = Span.startsWith(bytes, 0, BOM) ? BOM.length : 0;
        int own = before();
        int headEnd = Span.until(bytes, at, LINE_ENDS);
        int first = Span.until(bytes, at, SEPARATORS);
        if (headEnd >= Math.min(bytes.length, at + HEAD_BYTES_MAX) || first >= headEnd) {
            return;
        }
        // A bar between blanks is one of a log's lines.
        if (bytes[first] == '|' && own == 0 && Span.at(bytes, first + 1) == ' ') {
            return;
        }
        byte separator = own == 0 ? bytes[first] : (byte) own;
        List<Span> head = row(separator);
        List<Integer> secret = new ArrayList<>(1);
        for (int i = 0; i < head.size(); i++) {
            Span title = head.get(i);
            if (!isName(title)) {
                return;
            }
            if (names.isSecret(Span.text(bytes, title.from, title.to))) {
                secret.add(i);
            }
        }
        for (int i = 0; !secret.isEmpty() && i < ROWS_MAX && at < bytes.length; i++) {
            look(row(separator), head, secret, separator == '|');
        }
    }

    /** Goes on after the remarks before the table; says the separator that is named there, {@code sep=;}, or 0. */
    private int before() {
        int own = 0;
        for (int i = 0; i < BEFORE_MAX; i++) {
            int end = Span.until(bytes, at, LINE_ENDS);
            int sign = Span.at(bytes, end - 1);
            boolean named = end - at == OWN.length() + 1 && TagMark.isAt(bytes, at, OWN) && SEPARATORS.indexOf(sign) >= 0;
            if (end >= bytes.length || !named && bytes[at] != '#') {
                return own;
            }
            own = named ? sign : own;
            at = end + (bytes[end] == '\r' && Span.at(bytes, end + 1) == '\n' ? 2 : 1);
        }
        return own;
    }

    private void look(List<Span> row, List<Span> head, List<Integer> secret, boolean bars) {
        // The last one may be cut.
        if (row.size() == head.size() || at >= bytes.length && row.size() < head.size()) {
            for (int place : secret) {
                Span field = place < row.size() ? row.get(place) : null;
                String title = Span.text(bytes, head.get(place).from, head.get(place).to);
                if (field != null && !(bars && isCount(field)) && names.fits(title, bytes, field)) {
                    secrets.add(field);
                }
            }
        }
        // Where a field is never closed, the others may be in it.
        Span last = row.get(row.size() - 1);
        if (last.to == bytes.length && Span.at(bytes, last.from - 1) == '"') {
            secrets.add(last);
        }
    }

    /** Between bars counts stand more often than in other tables: {@code user|password}, and below it {@code bob|3}. */
    private boolean isCount(Span field) {
        int end = field.from;
        while (end < field.to && Span.isDigit(bytes[end])) {
            end++;
        }
        return end == field.to && end > field.from && end - field.from <= COUNT_DIGITS_MAX;
    }

    private boolean isName(Span title) {
        int blanks = 0;
        for (int i = title.from; i < title.to; i++) {
            byte b = bytes[i];
            boolean letter = b < 0 || b == '_' || SecretPlace.isLetter(b);
            if (!letter && (i == title.from || !Span.isDigit(b) && NAME_MARKS.indexOf(b) < 0)) {
                return false;
            }
            blanks += b == ' ' ? 1 : 0;
        }
        return title.to > title.from && title.to - title.from <= NAME_BYTES_MAX && blanks <= BLANKS_MAX;
    }

    /** The fields of the next line, without the blanks and the marks around them. */
    private List<Span> row(byte separator) {
        List<Span> fields = new ArrayList<>();
        while (true) {
            int close = Span.at(bytes, at) == '"' ? quoteEnd(at + 1) : -1;
            int to = Math.max(at, close);
            while (to < bytes.length && bytes[to] != separator && LINE_ENDS.indexOf(bytes[to]) < 0) {
                to++;
            }
            boolean quoted = close >= 0 && (close >= bytes.length || close + 1 == to);
            fields.add(quoted ? new Span(at + 1, close) : Span.trimmed(bytes, at, to, BLANKS));
            at = Math.min(bytes.length, to + 1);
            if (to >= bytes.length || bytes[to] != separator) {
                at += to < bytes.length && bytes[to] == '\r' && Span.at(bytes, at) == '\n' ? 1 : 0;
                return fields;
            }
        }
    }

    /** Where a quoted field ends, for two marks are one of it. */
    private int quoteEnd(int start) {
        int end = start;
        while (end < bytes.length && (bytes[end] != '"' || Span.at(bytes, end + 1) == '"')) {
            end += bytes[end] == '"' ? 2 : 1;
        }
        return Math.min(end, bytes.length);
    }
}
