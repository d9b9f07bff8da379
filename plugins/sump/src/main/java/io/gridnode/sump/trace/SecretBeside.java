package io.gridnode.sump.trace;

import java.util.Locale;
import java.util.Set;

/** What stands beside a secret and is none of it: the next pair, a query, a rule of a style sheet, the text of a usage. */
final class SecretBeside {
    /** Bytes of the name of the next pair. */
    private static final int NAME_BYTES_MAX = 64;
    private static final String NAME_MARKS = "_.-";
    /** What is in a URL's path ends where its query begins. */
    private static final Set<String> PATH_NAMES = Set.of("jsessionid");
    private static final String PATH_ENDS = "?#/";
    private static final byte[] HOST = Span.utf8("://");
    private static final byte[] SCRIPT_HOST = Span.utf8(":\\/\\/");
    /** What follows a selector of a style sheet: {@code #password:hover}, {@code #password::placeholder}. */
    private static final Set<String> STATES = Set.of(
            "hover", "focus", "focus-within", "focus-visible", "active", "disabled", "enabled", "checked", "valid", "invalid",
            "required", "optional", "visited", "before", "after", "placeholder", "autofill", "read-only", "read-write", "empty",
            "target", "nth-child", "not", "is", "first-child", "last-child", "only-child", "first-of-type", "last-of-type",
            "only-of-type");
    private static final String[] OWN_STATES = {"-webkit-", "-moz-", "-ms-"};
    private static final int STATE_BYTES_MAX = 40;
    private static final int ARGUMENT_BYTES_MAX = 64;
    private static final String STYLE_NEXT = "{,:>+~";
    /** Names that a list of names has: {@code ["password","email"]}. */
    private static final Set<String> FIELDS = Set.of(
            "email", "mail", "user", "username", "login", "name", "id", "phone", "role", "roles", "remember", "password", "token",
            "value", "key", "type");
    private static final int FIELD_BYTES_MAX = 8;

    private SecretBeside() {}

    /** The value of a name after an equals sign, without the query after a path. */
    static Span path(byte[] bytes, int at, int end, Span value) {
        boolean path = Span.at(bytes, at - 1) == ';' && SecretTags.isAny(bytes, at, end, PATH_NAMES);
        boolean query = Span.at(bytes, at - 1) == '?' || Span.at(bytes, at - 1) == '&';
        // A URL in brackets.
        boolean within = query && Span.until(bytes, value.from, value.to, "[") >= value.to;
        return path || within ? new Span(value.from, Span.until(bytes, value.from, value.to, path ? PATH_ENDS : "]")) : value;
    }

    /**
     * Whether a comma stands there and ends a pair's value: a blank follows it, or another pair, as in
     * {@code [session=abc,user=bob]}.
     */
    static boolean isPairEnd(byte[] bytes, int comma) {
        if (bytes[comma] != ',') {
            return false;
        }
        int to = nameEnd(bytes, comma + 1);
        int next = Span.at(bytes, to + 1);
        boolean pair = to > comma + 1 && Span.at(bytes, to) == '=' && to + 1 < bytes.length && next != '=' && next != '&';
        return pair || comma + 1 < bytes.length && " \t\r\n".indexOf(bytes[comma + 1]) >= 0;
    }

    /** Where a name ends, up to a limit. */
    private static int nameEnd(byte[] bytes, int from) {
        int to = from;
        while (to < bytes.length
                && to - from < NAME_BYTES_MAX
                && (Span.isAlphanumeric(bytes[to]) || NAME_MARKS.indexOf(bytes[to]) >= 0)) {
            to++;
        }
        return to;
    }

    /** Whether what is in brackets begins with a pair, so that it has names of its own. */
    static boolean isPair(byte[] bytes, int from) {
        int to = nameEnd(bytes, from);
        return to > from && Span.at(bytes, to) == '=' && Span.text(bytes, from, to).indexOf('-') < 0;
    }

    /** Whether a host or its user begins there, whose password has a rule of its own. */
    static boolean isHost(byte[] bytes, int at) {
        return Span.startsWith(bytes, at - HOST.length, HOST) || Span.startsWith(bytes, at - SCRIPT_HOST.length, SCRIPT_HOST);
    }

    /** Whether a rule of a style sheet goes on there, after a colon. */
    static boolean isStyle(byte[] bytes, int at) {
        int start = Span.at(bytes, at) == ':' ? at + 1 : at;
        int next = start;
        while (next - start < STATE_BYTES_MAX && isState(Span.at(bytes, next))) {
            next++;
        }
        String state = Span.text(bytes, Math.min(start, bytes.length), Math.min(next, bytes.length));
        boolean known = STATES.contains(state);
        for (String own : OWN_STATES) {
            known |= state.startsWith(own) && state.length() > own.length();
        }
        if (!known) {
            return false;
        }
        if (Span.at(bytes, next) == '(') {
            int from = next + 1;
            next = Span.until(bytes, from, Math.min(bytes.length, from + ARGUMENT_BYTES_MAX), "()\r\n");
            if (Span.at(bytes, next) != ')') {
                return false;
            }
            next++;
        }
        int mark = Span.skip(bytes, next, " \t");
        return mark < bytes.length && STYLE_NEXT.indexOf(bytes[mark]) >= 0;
    }

    private static boolean isState(int b) {
        return b >= 'a' && b <= 'z' || b == '-';
    }

    /** Whether what looks like a tag, whose mark begins at {@code opening}, is for a value: {@code --password <password>}. */
    static boolean isUsage(byte[] bytes, int opening, String name) {
        int option = opening;
        while (option > 0 && opening - option < NAME_BYTES_MAX && " \t=".indexOf(bytes[option - 1]) >= 0) {
            option--;
        }
        int start = option - name.length();
        return option < opening && start > 0 && bytes[start - 1] == '-' && TagMark.isAt(bytes, start, name.toLowerCase(Locale.ROOT));
    }

    /** Whether a value is its option's name in great letters: {@code --api-key KEY}. */
    static boolean isStandIn(String name, String value) {
        String text = SecretNames.plain(value);
        boolean great = value.chars().anyMatch(Character::isUpperCase) && value.chars().noneMatch(Character::isLowerCase);
        return great && !text.isEmpty() && SecretNames.plain(name).endsWith(text);
    }

    /** Whether the second of two in a list is a name like the first. */
    static boolean isField(byte[] bytes, Span text) {
        return text.to - text.from <= FIELD_BYTES_MAX
                && FIELDS.contains(Span.text(bytes, text.from, text.to).toLowerCase(Locale.ROOT));
    }
}
