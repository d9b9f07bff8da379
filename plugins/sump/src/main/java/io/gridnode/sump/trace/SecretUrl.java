package io.gridnode.sump.trace;

import java.util.ArrayList;
import java.util.List;

/**
 * Secrets in what is written into one word: a URL within a URL, encoded once or more often, with its parameters; and in what stands
 * before a host: {@code https://user:pass@host/}.
 */
final class SecretUrl {
    /** Bytes of a name. */
    private static final int NAME_BYTES_MAX = 128;
    /** What stands before a host without a password is a token, unless it is shorter and the host one of another protocol. */
    private static final int TOKEN_BYTES_MIN = 20;
    private static final String ENDS = "&;# \t\r\n\"'<>";
    /** Characters that end an encoded value. */
    private static final String ENCODED_ENDS = "&;#\"' \n\r<>},";
    private static final byte[][] AUTHORITIES = Span.all("://", ":\\/\\/");
    private static final String AUTHORITY_ENDS = "/?#\\&, \t\r\n\"'<>()";

    private SecretUrl() {}

    /** The values of names in a word that has them encoded: {@code %3Ftoken%3Dabc}, {@code %22token%22%3A%22abc%22}. */
    static List<Span> parameters(byte[] bytes, int from, int end, SecretNames names) {
        List<Span> found = new ArrayList<>(0);
        // The last name, and whether a quotation mark or a bracket closed it.
        int name = from;
        int nameTo = from;
        boolean closed = false;
        int at = from;
        while (at < end) {
            Encoded one = Encoded.at(bytes, at);
            if (one == null) {
                name = closed ? at : name;
                closed = false;
                at++;
                nameTo = at;
                continue;
            }
            at = one.after;
            int length = nameTo - name;
            if ((one.b == '=' || one.b == ':')
                    && length > 0
                    && length <= NAME_BYTES_MAX
                    && names.isSecret(Span.text(bytes, name, nameTo))) {
                String text = Span.text(bytes, name, nameTo);
                byte[] head = names.kind(text).isWeak() ? SecretWeak.around(bytes, at, at) : null;
                if (head == null || names.fits(text, head, value(head, 0, one.depth))) {
                    Span value = value(bytes, at, one.depth);
                    at = Math.max(at, value.to);
                    found.add(value);
                }
            } else if ((one.b == '"' || one.b == '\'' || one.b == ']') && length > 0) {
                closed = true;
                continue;
            }
            name = at;
            nameTo = at;
            closed = false;
        }
        return found;
    }

    /** The length of the blank that begins there, or 0. A plus sign is one, too, unless it is encoded as often as the rest. */
    private static int blank(byte[] bytes, int at, int depth) {
        if (Span.at(bytes, at) == '+') {
            return 1;
        }
        Encoded one = Encoded.at(bytes, at);
        if (one == null || one.depth > depth) {
            return 0;
        }
        return " \t\r\n".indexOf(one.b) >= 0 || one.b == '+' && one.depth < depth ? one.after - at : 0;
    }

    private static Span value(byte[] bytes, int from, int depth) {
        int start = from;
        for (int blank = blank(bytes, start, depth); blank > 0; blank = blank(bytes, start, depth)) {
            start += blank;
        }
        Encoded one = Encoded.at(bytes, start);
        int quote = one != null && one.depth <= depth && (one.b == '"' || one.b == '\'') ? one.b : 0;
        if (quote != 0) {
            start = one.after;
        }
        int end = start;
        while (end < bytes.length) {
            one = Encoded.at(bytes, end);
            boolean isEnd = one == null
                    ? ENDS.indexOf(bytes[end]) >= 0
                    : one.depth <= depth && (quote != 0 ? one.b == quote : ENCODED_ENDS.indexOf(one.b) >= 0);
            boolean isBlank = (one == null ? bytes[end] : one.b) == ' ';
            if (isEnd && !(isBlank && SecretBearer.isScheme(bytes, start, end))) {
                break;
            }
            end = one == null ? end + 1 : one.after;
        }
        return new Span(start, end);
    }

    /** The password before a host, or null: at a place where {@code ://} begins, or the same with its slashes escaped. */
    static Span password(byte[] bytes, int at) {
        byte[] mark = Span.first(bytes, at, AUTHORITIES);
        if (mark == null) {
            return null;
        }
        int start = at + mark.length;
        int host = Span.until(bytes, start, AUTHORITY_ENDS) - 1;
        while (host >= start && bytes[host] != '@') {
            host--;
        }
        if (host < start) {
            return null;
        }
        int colon = start + SecretMark.length(bytes, start, host);
        while (colon < host && bytes[colon] != ':') {
            colon++;
        }
        if (colon < host) {
            return new Span(colon + 1, host);
        }
        boolean web = at >= 4 && TagMark.isAt(bytes, at - 4, "http") || at >= 5 && TagMark.isAt(bytes, at - 5, "https");
        return web || host - start >= TOKEN_BYTES_MIN ? new Span(start, host) : null;
    }

    /** A character as {@code %3D}, or {@code %253D}. */
    private static final class Encoded {
        private final int b;
        /** How often it is encoded beyond once. */
        private final int depth;
        private final int after;

        private Encoded(int b, int depth, int after) {
            this.b = b;
            this.depth = depth;
            this.after = after;
        }

        private static Encoded at(byte[] bytes, int at) {
            if (Span.at(bytes, at) != '%') {
                return null;
            }
            int next = at + 1;
            while (Span.at(bytes, next) == '2' && Span.at(bytes, next + 1) == '5') {
                next += 2;
            }
            if (value(bytes, next) < 0 && next > at + 1) {
                // A percent sign itself.
                next -= 2;
            }
            int b = value(bytes, next);
            return b < 0 ? null : new Encoded(b, (next - at - 1) / 2, next + 2);
        }

        private static int value(byte[] bytes, int at) {
            int high = Character.digit(Span.at(bytes, at), 16);
            int low = Character.digit(Span.at(bytes, at + 1), 16);
            return high < 0 || low < 0 ? -1 : high << 4 | low;
        }
    }
}
