package io.gridnode.sump.trace;

/**
 * What an error text is without what differs from one time to the next: numbers, ids and hosts are one {@code #} each, so that two
 * errors of one kind have the same. The agent counts by the same rule: both are held to the same examples.
 */
final class Fingerprint {
    /** Characters of a number in base 16 that make a word an id. */
    private static final int HEX_ID_CHARS = 8;
    /** The same after an {@code @}, where the JVM writes an object's identity. */
    private static final int IDENTITY_CHARS = 4;
    /** Characters of any other word that may be an id. */
    private static final int ID_CHARS = 16;
    /** How often such a word changes between letters and digits. */
    private static final int ID_CHANGES = 4;

    private final String text;
    private final StringBuilder print;

    private Fingerprint(String text) {
        this.text = text;
        print = new StringBuilder(text.length());
    }

    static String of(String text) {
        return new Fingerprint(text).write();
    }

    private String write() {
        int at = 0;
        while (at < text.length()) {
            int host = hostEnd(at);
            if (host >= 0) {
                print.append('#');
                at = host;
            } else if (isWord(text.charAt(at))) {
                int end = at;
                while (end < text.length() && isWord(text.charAt(end))) {
                    end++;
                }
                word(at, end);
                at = end;
            } else {
                while (at < text.length() && !isWord(text.charAt(at))) {
                    print.append(text.charAt(at++));
                }
            }
        }
        return print.toString();
    }

    /** One word: an id as a whole, else the numbers in it. */
    private void word(int from, int end) {
        if (isId(from, end)) {
            print.append('#');
            return;
        }
        boolean inNumber = false;
        for (int i = from; i < end; i++) {
            boolean digit = isDigit(text.charAt(i));
            if (!digit) {
                print.append(text.charAt(i));
            } else if (!inNumber) {
                print.append('#');
            }
            inNumber = digit;
        }
    }

    private boolean isId(int from, int end) {
        boolean hasDigit = false;
        boolean hex = true;
        int changes = 0;
        for (int i = from; i < end; i++) {
            char c = text.charAt(i);
            hasDigit |= isDigit(c);
            hex &= isDigit(c) || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F' || c == '-';
            if (i > from && isDigit(c) != isDigit(text.charAt(i - 1))) {
                changes++;
            }
        }
        int enough = from > 0 && text.charAt(from - 1) == '@' ? IDENTITY_CHARS : HEX_ID_CHARS;
        return hasDigit && (end - from >= enough && hex || end - from >= ID_CHARS && changes >= ID_CHANGES);
    }

    /**
     * Where a host that starts here ends, or -1: after {@code ://}, or one with a dot before its port or its address
     * ({@code shop.example.com/10.0.0.7:443}).
     */
    private int hostEnd(int at) {
        boolean inUrl = at >= 3 && text.startsWith("://", at - 3);
        if (!inUrl && (at > 0 && (isWord(text.charAt(at - 1)) || text.charAt(at - 1) == '.'))) {
            return -1;
        }
        int end = at;
        boolean dot = false;
        while (end < text.length() && isHost(text.charAt(end), inUrl)) {
            dot |= text.charAt(end++) == '.';
        }
        if (inUrl) {
            return end > at ? end : -1;
        }
        boolean place = end + 1 < text.length()
                && (text.charAt(end) == ':' || text.charAt(end) == '/')
                && isDigit(text.charAt(end + 1));
        return dot && place ? end : -1;
    }

    private static boolean isHost(char c, boolean inUrl) {
        return c >= 'a' && c <= 'z' || isDigit(c) || c == '.' || c == '-' || inUrl && c >= 'A' && c <= 'Z';
    }

    private static boolean isWord(char c) {
        return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || isDigit(c) || c == '-' || c == '_';
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }
}
