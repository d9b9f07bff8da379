package io.gridnode.sump.trace;

import java.util.ArrayList;
import java.util.List;

/**
 * Secrets in lists of names and values: {@code "rawHeaders":["Host","x","Cookie","a=b"]}, and pairs of them,
 * {@code ('password', 'x')}. Those of a text.
 */
final class SecretList {
    private static final byte[] HEADERS = Span.utf8("rawHeaders");
    /** Strings that are read, and bytes of a name. */
    private static final int STRINGS_MAX = 400;
    private static final int NAME_BYTES_MAX = 128;
    private static final String WHITE = " \t\r\n";
    /** What stands before a pair: no call, nor a list in SQL. */
    private static final String BEFORE = "[({,";

    final List<Span> secrets = new ArrayList<>(0);

    private final byte[] bytes;
    private final SecretNames names;

    SecretList(byte[] bytes, SecretNames names) {
        this.bytes = bytes;
        this.names = names;
        for (int at = Span.find(bytes, 0, bytes.length, HEADERS); at >= 0; at = Span.find(bytes, at, bytes.length, HEADERS)) {
            at = headers(at + HEADERS.length);
        }
        pairs();
    }

    /** Looks at a list of headers, should one begin there, and says where it ends. */
    private int headers(int from) {
        Quote named = Quote.at(bytes, from);
        int sign = Span.skip(bytes, named == null ? from : named.after, WHITE);
        int next = Span.skip(bytes, sign + 1, WHITE) + 1;
        boolean isList = (Span.at(bytes, sign) == ':' || Span.at(bytes, sign) == '=') && Span.at(bytes, next - 1) == '[';
        int at = from;
        boolean secret = false;
        for (int i = 0; isList && i < STRINGS_MAX; i++) {
            Quote open = Quote.at(bytes, Span.skip(bytes, next, WHITE));
            if (open == null) {
                break;
            }
            at = open.closing(bytes);
            if (secret && i % 2 == 1) {
                secrets.add(new Span(open.after, at));
            }
            String name = at - open.after <= NAME_BYTES_MAX ? Span.text(bytes, open.after, at) : "";
            secret = names.isSecret(name) || SecretNames.isHeader(name);
            Quote close = Quote.at(bytes, at);
            next = (close == null ? bytes.length : Span.skip(bytes, close.after, WHITE)) + 1;
            isList = Span.at(bytes, next - 1) == ',';
        }
        return at;
    }

    private void pairs() {
        int at = Span.until(bytes, 0, "(");
        while (at < bytes.length) {
            Quote open = isPair(at) ? second(at + 1) : null;
            at = open == null ? at + 1 : open.closing(bytes);
            Quote close = open == null ? null : Quote.at(bytes, at);
            if (open != null && (close == null || Span.at(bytes, Span.skip(bytes, close.after, WHITE)) == ')')) {
                secrets.add(new Span(open.after, at));
            }
            at = Span.until(bytes, at, "(");
        }
    }

    private boolean isPair(int at) {
        int before = Span.at(bytes, at - 1);
        int last = before == ' ' ? Span.at(bytes, at - 2) : before;
        return at == 0 || before == '\r' || before == '\n' || last != 0 && BEFORE.indexOf(last) >= 0;
    }

    /** What begins the second of two whose first is a secret's name, or null. */
    private Quote second(int at) {
        Quote first = Quote.at(bytes, Quote.literal(bytes, at));
        if (first == null) {
            return null;
        }
        int end = first.after;
        while (end < first.after + NAME_BYTES_MAX && SecretPlace.isName(Span.at(bytes, end))) {
            end++;
        }
        Quote closed = Quote.at(bytes, end);
        int comma = closed == null ? -1 : Span.skip(bytes, closed.after, WHITE);
        boolean name = Span.at(bytes, comma) == ',' && names.isSecret(Span.text(bytes, first.after, end));
        return name ? Quote.at(bytes, Quote.literal(bytes, comma + 1)) : null;
    }
}
