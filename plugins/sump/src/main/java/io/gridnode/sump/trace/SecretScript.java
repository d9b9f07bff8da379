package io.gridnode.sump.trace;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What stands for a value in a program's text: {@code Authorization: `Bearer abc`}, {@code token = saved || "abc"},
 * {@code password: string = "abc"}, {@code auth=("bob", "abc")}. What only refers to one stays, see {@link SecretRefer}.
 */
final class SecretScript {
    /** Where something stands for a value that is no secret. */
    static final Span NOTHING = new Span(0, 0);
    /** What joins names: {@code window.token}, {@code user?.token}. */
    static final String PATH = "[A-Za-z_$][0-9A-Za-z_$]{0,63}(?:\\??\\.[A-Za-z_$][0-9A-Za-z_$]{0,63}){0,7}";

    /** Between a name, which may be quoted or an index, and what stands for its value. */
    private static final Pattern SIGN = Pattern.compile("[ \t]*+(:(?!:)|=(?![=>]))[ \t]*+");
    /** Of a text between back quotes, and of a string. */
    private static final int BYTES_MAX = 4_096;
    /** Of what a pattern looks at. */
    private static final int HEAD_BYTES_MAX = 1_024;
    private static final Pattern SCHEME = Pattern.compile("(?i)(?:bearer|basic|token|digest|apikey)[ \t]+");
    private static final Pattern INSERTED = Pattern.compile("\\$\\{[0-9A-Za-z_.$()\\[\\]]*+\\}");
    /** {@code saved || "abc"}, {@code saved ? "abc" : null} */
    private static final Pattern CHOICE = Pattern.compile(PATH + "[ \t]*+(\\|\\||\\?\\?|\\?)[ \t]*+");
    private static final Pattern ELSE = Pattern.compile("[ \t]*+:[ \t]*+");
    private static final Pattern CHOICE_END = Pattern.compile("[ \t]*+(?:[,;)}\r\n<]|\\\\[nr]|\\z)");
    /** Two of something: a user and a password. Their names end so. */
    private static final List<String> PAIRS = List.of("auth", "authentication", "credentials");
    private static final Pattern PAIR = Pattern.compile("(?:[A-Za-z_.]{1,64}+)?\\([ \t\r\n]*+");
    private static final Pattern NEXT = Pattern.compile("[ \t\r\n]*+,[ \t\r\n]*+");
    private static final Pattern REFERRED = Pattern.compile("\\([ \t]*" + PATH + "[ \t]*,[ \t]*" + PATH + "[ \t]*\\)");
    /** What a signature is made of: {@code sig1=("@method" "@path")}. */
    private static final byte[] COMPONENTS = Span.utf8("(\"@");

    private SecretScript() {}

    /** What stands for the value of a secret's name, if this is a program's text, or {@link #NOTHING}; or null. */
    static Span of(byte[] bytes, int at, int end, SecretNames names) {
        if (SecretRefer.isType(bytes, at, end)) {
            return NOTHING;
        }
        Quote named = Quote.at(bytes, end);
        int after = named == null ? end : named.after;
        Matcher sign = at(bytes, named != null && Span.at(bytes, after) == ']' ? after + 1 : after, SIGN);
        if (sign == null) {
            return null;
        }
        int start = sign.end() + (named != null && Span.at(bytes, after) == ']' ? after + 1 : after);
        boolean equals = sign.group(1).equals("=");
        if (Span.at(bytes, start) == '`') {
            return template(bytes, start + 1);
        }
        if (named != null && !equals) {
            // What a quoted name has is JSON, unless it is chosen.
            return chosen(bytes, start);
        }
        if (equals && (SecretRefer.isPlace(bytes, start) || Span.startsWith(bytes, start, COMPONENTS))) {
            return NOTHING;
        }
        Span value = equals ? null : SecretRefer.typed(bytes, at, start);
        value = value == null ? chosen(bytes, start) : value;
        if (value == null && SecretRefer.isReference(bytes, new Span(at, end), start, equals, names)) {
            return NOTHING;
        }
        return value == null && equals ? pair(bytes, at, end, start) : value;
    }

    /** Whether what begins there is a program's, in a text that looks like a form: {@code saved||"abc"}, {@code useAuth()}. */
    static boolean isProgram(byte[] bytes, int at) {
        return SecretRefer.isCalled(bytes, at) || chosen(bytes, at) != null;
    }

    /** What a pattern finds there, in places from there on, or null. */
    static Matcher at(byte[] bytes, int at, Pattern pattern) {
        Matcher found = pattern.matcher(head(bytes, at, HEAD_BYTES_MAX));
        return found.lookingAt() ? found : null;
    }

    /** A character for each byte. */
    static String head(byte[] bytes, int at, int max) {
        int from = Math.min(at, bytes.length);
        return new String(bytes, from, Math.min(max, bytes.length - from), StandardCharsets.ISO_8859_1);
    }

    private static Span template(byte[] bytes, int start) {
        int limit = Math.min(bytes.length, start + BYTES_MAX);
        int to = Span.until(bytes, start, limit, "`");
        if (to == limit) {
            return null;
        }
        String text = head(bytes, start, to - start);
        Matcher scheme = SCHEME.matcher(text);
        int length = scheme.lookingAt() ? scheme.end() : 0;
        return INSERTED.matcher(text.substring(length)).matches() ? NOTHING : new Span(start + length, to);
    }

    /** A string that begins there, or null. */
    static Span string(byte[] bytes, int at) {
        Quote open = Quote.at(bytes, Quote.literal(bytes, at));
        return open == null ? null : new Span(open.after, closing(bytes, open));
    }

    /** Where a string ends, of which no more is read. */
    static int closing(byte[] bytes, Quote open) {
        byte[] part = Arrays.copyOfRange(bytes, open.after, Math.min(bytes.length, open.after + BYTES_MAX));
        return open.after + open.from(0).closing(part);
    }

    private static int after(byte[] bytes, Span string) {
        Quote close = Quote.at(bytes, string.to);
        return close == null ? string.to : close.after;
    }

    private static Span chosen(byte[] bytes, int start) {
        Matcher choice = at(bytes, start, CHOICE);
        int first = choice == null ? -1 : start + choice.end();
        Span value = choice == null || Quote.at(bytes, first) == null ? null : string(bytes, first);
        if (value == null) {
            return null;
        }
        int after = after(bytes, value);
        if (!choice.group(1).equals("?")) {
            return at(bytes, after, CHOICE_END) == null ? null : value;
        }
        Matcher other = at(bytes, after, ELSE);
        if (other == null) {
            // It may be the end of an address, and of its attribute.
            return null;
        }
        int second = after + other.end();
        return Quote.at(bytes, second) == null ? value : new Span(value.from, string(bytes, second).to);
    }

    private static Span pair(byte[] bytes, int at, int end, int start) {
        boolean named = PAIRS.stream().anyMatch(SecretNames.plain(Span.text(bytes, at, end))::endsWith);
        Matcher open = named ? at(bytes, start, PAIR) : null;
        if (open == null) {
            return null;
        }
        if (at(bytes, start, REFERRED) != null) {
            return NOTHING;
        }
        Span first = string(bytes, start + open.end());
        Matcher comma = first == null ? null : at(bytes, after(bytes, first), NEXT);
        return comma == null ? null : string(bytes, after(bytes, first) + comma.end());
    }
}
