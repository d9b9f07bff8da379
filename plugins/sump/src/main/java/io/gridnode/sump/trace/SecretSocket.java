package io.gridnode.sump.trace;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Tokens among the protocols of a WebSocket, where browsers put them for want of other headers:
 * {@code Sec-WebSocket-Protocol: chat, abc}.
 */
final class SecretSocket {
    /** Of the header. */
    static final String NAME = "sec-websocket-protocol";

    private static final String BLANKS = " \t";
    private static final String MARKS = "!#$%&*+^_|~/=.-";
    /** Of a part of one that has letters and a digit. Protocols are of words: {@code v4.channel.k8s.io}. */
    private static final int RUN_BYTES_MIN = 12;
    private static final Pattern DOT = Pattern.compile("\\.");
    private static final Pattern NO_RUN = Pattern.compile("[^0-9A-Za-z_]++");

    private SecretSocket() {}

    /** Those that look like tokens, or follow a secret's name; the word is the header's name. */
    static List<Span> protocols(byte[] bytes, int at, int end, SecretNames names) {
        List<Span> found = new ArrayList<>();
        if (end - at != NAME.length() || !TagMark.isAt(bytes, at, NAME)) {
            return found;
        }
        int sign = Span.skip(bytes, quote(bytes, end), BLANKS);
        if (Span.at(bytes, sign) == 0 || ":=,".indexOf(bytes[sign]) < 0) {
            return found;
        }
        int next = quote(bytes, Span.skip(bytes, sign + 1, BLANKS));
        boolean named = false;
        while (true) {
            next = Span.skip(bytes, next, BLANKS);
            next = Span.skip(bytes, Span.at(bytes, next) == ',' ? next + 1 : next, BLANKS);
            int to = next;
            while (to < bytes.length && (Span.isAlphanumeric(bytes[to]) || MARKS.indexOf(bytes[to]) >= 0)) {
                to++;
            }
            if (to == next) {
                return found;
            }
            String item = Span.text(bytes, next, to);
            int start = named ? 0 : token(item);
            if (start >= 0) {
                found.add(new Span(next + start, to));
            }
            named = !named && names.isSecret(item);
            next = to;
        }
    }

    /** After a quotation mark, should one stand there. */
    private static int quote(byte[] bytes, int at) {
        int mark = Span.at(bytes, at) == '\\' ? at + 1 : at;
        return Span.at(bytes, mark) == '"' || Span.at(bytes, mark) == '\'' ? mark + 1 : at;
    }

    /** Where the part begins that looks like a token, or -1. */
    private static int token(String item) {
        int start = 0;
        for (String part : DOT.split(item, -1)) {
            for (String run : NO_RUN.split(part)) {
                if (run.length() >= RUN_BYTES_MIN
                        && run.chars().anyMatch(Span::isDigit)
                        && run.chars().anyMatch(c -> Span.isAlphanumeric(c) && !Span.isDigit(c))) {
                    return start;
                }
            }
            start += part.length() + 1;
        }
        return -1;
    }
}
