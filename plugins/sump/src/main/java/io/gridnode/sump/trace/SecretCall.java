package io.gridnode.sump.trace;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * Values that are arguments: after their name, {@code setItem("token", "abc")}, or of a function that has it,
 * {@code .setPassword("abc")}.
 */
final class SecretCall {
    /** Functions that set a value begin so; and what is in the names of others. */
    private static final List<String> SETTERS = List.of(
            "set", "put", "add", "append", "header", "with", "define", "cookie", "env", "param", "queryparam", "formparam", "attr",
            "property", "store");
    private static final List<String> NO_SETTERS = List.of("error", "message", "label", "rule", "text", "valid");
    private static final String DEFINE = "define";
    /** Other functions that have a secret's name, as those of builders do. */
    private static final List<String> OWN =
            List.of("password", "passwd", "apikey", "secretkey", "clientsecret", "accesstoken");
    private static final String PASSWORD = "password";
    /** Names whose values are of two words. */
    private static final List<String> HEADERS = List.of("authorization", "cookie");
    /** Of what stands before a name. */
    private static final int FUNCTION_BYTES_MAX = 64;
    /** Of a value that may be a sentence. */
    private static final int SENTENCE_BYTES_MAX = 4_096;
    /** A browser's console shows values beside their names, and words that are none. */
    private static final Pattern CONSOLE =
            Pattern.compile("console[ \t]*+\\.[ \t]*+[a-z]{1,16}+[ \t]*+\\([ \t]*+\\\\?[\"']\\z");
    private static final Pattern SHOWN = Pattern.compile("[A-Za-z]?[a-z]{1,63}");
    private static final String BLANKS = " \t";
    private static final String WHITE = " \t\r\n";

    private SecretCall() {}

    /** The string after a name, which is one itself, if a function is called that sets it; or null. */
    static Span argument(byte[] bytes, int at, int end) {
        Quote close = Quote.at(bytes, end);
        int comma = close == null ? -1 : Span.skip(bytes, close.after, WHITE);
        if (Span.at(bytes, comma) != ',') {
            return null;
        }
        if (CONSOLE.matcher(Span.text(bytes, Math.max(0, at - FUNCTION_BYTES_MAX), at)).find()) {
            Span shown = value(bytes, Span.text(bytes, at, end), comma + 1, false);
            return shown == null || SHOWN.matcher(Span.text(bytes, shown.from, shown.to)).matches() ? null : shown;
        }
        String name = function(bytes, at);
        boolean setter = SETTERS.stream().anyMatch(name::startsWith) && NO_SETTERS.stream().noneMatch(name::contains);
        return setter ? value(bytes, Span.text(bytes, at, end), comma + 1, name.equals(DEFINE)) : null;
    }

    /** The function that is called, in small letters, whose first argument begins there; or nothing. */
    private static String function(byte[] bytes, int at) {
        int first = Math.max(0, at - FUNCTION_BYTES_MAX);
        int quote = Span.at(bytes, at - 1);
        if (quote != '"' && quote != '\'') {
            return "";
        }
        int open = blanks(bytes, first, Span.at(bytes, at - 2) == '\\' ? at - 2 : at - 1) - 1;
        if (open < first || bytes[open] != '(') {
            return "";
        }
        int to = blanks(bytes, first, open);
        int from = to;
        while (from > first && (Span.isAlphanumeric(bytes[from - 1]) || bytes[from - 1] == '_' || bytes[from - 1] == '$')) {
            from--;
        }
        return TagMark.lower(bytes, from, to);
    }

    /** The string that a function is called with whose name is a secret's, or null. */
    static Span setter(byte[] bytes, int at, int end) {
        if (Span.at(bytes, end) != '(') {
            return null;
        }
        String name = Span.text(bytes, at, end);
        int dot = name.lastIndexOf('.');
        String last = name.substring(dot + 1).toLowerCase(Locale.ROOT);
        String usual = SecretNames.plain(last);
        boolean part = dot > 0 || name.startsWith(".") || Span.at(bytes, at - 1) == '>';
        boolean sql = usual.equals(PASSWORD) && Span.at(bytes, end + 1) == '\'';
        boolean setter = last.startsWith("set") || last.startsWith("with");
        return setter || sql || part && OWN.stream().anyMatch(usual::endsWith) ? value(bytes, name, end + 1, false) : null;
    }

    /** A string that is no sentence, or null. */
    private static Span value(byte[] bytes, String name, int start, boolean any) {
        Quote open = Quote.at(bytes, Quote.literal(bytes, start));
        if (open == null) {
            return null;
        }
        byte[] part = Arrays.copyOfRange(bytes, open.after, Math.min(bytes.length, open.after + SENTENCE_BYTES_MAX));
        int length = open.from(0).closing(part);
        if (any || length == SENTENCE_BYTES_MAX) {
            return new Span(open.after, open.closing(bytes));
        }
        boolean word = Span.find(part, 0, length, new byte[] {' '}) < 0
                || HEADERS.stream().anyMatch(SecretNames.plain(name)::endsWith);
        return word ? SecretJoin.joined(bytes, new Span(open.after, open.after + length)) : null;
    }

    /** Where the blanks begin that end there. */
    private static int blanks(byte[] bytes, int first, int end) {
        int at = end;
        while (at > first && BLANKS.indexOf(bytes[at - 1]) >= 0) {
            at--;
        }
        return at;
    }
}
