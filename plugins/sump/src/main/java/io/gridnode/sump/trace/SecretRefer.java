package io.gridnode.sump.trace;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a program's text has in place of a value, and refers to one: {@code token = request.headers['Authorization']},
 * {@code login(password: $password)}, {@code where token = $1}, {@code password: string}.
 */
final class SecretRefer {
    /** A type, what may stand beside it, and what comes after all; and one of a variable of GraphQL. */
    private static final Pattern TYPE = Pattern.compile(
            "(?:string|String|str|bytes|any|unknown|number|boolean|null|undefined|SecretStr|\\[String!?\\]|Optional\\[str\\])!?+"
                    + "(?:\\[\\])?+(?:[ \t]*+\\|[ \t]*+(?:string|null|undefined|None)){0,3}+");
    private static final Pattern TYPE_END = Pattern.compile("[ \t]*+(?:(=)|[),;{}\r\n]|\\\\[nr]|\\z)[ \t]*+");
    private static final Pattern TYPE_NEXT = Pattern.compile("[ \t]*+\\\\?+[\"'][ \t]*+[,}]");
    /** The next variable of GraphQL. */
    private static final Pattern VARIABLE_NEXT = Pattern.compile("[ \t]*+\\$");
    private static final Pattern OWN_TYPE = Pattern.compile("[A-Z][0-9A-Za-z]{0,63}!");
    /** {@code Promise<Token> {} */
    private static final Pattern GENERIC_END = Pattern.compile("(?:\\[\\])?+>[ \t]*+(?:\\{[ \t\r\n]|;|=>)");
    /** An element whose name is like a secret's, and has others in it. */
    private static final String USERNAME = "UsernameToken";
    private static final Pattern ELEMENTS =
            Pattern.compile("[^<>&\\\\]{0,512}+(?:>|&gt;|\\\\u003e)[ \t\r\n]{0,64}+(?:<|&lt;|\\\\u003c)");
    /** What refers to a value, with what follows it: of a statement, of a container, of a function without arguments. */
    private static final Pattern PLACE = Pattern.compile("(?:\\$[0-9]{1,3}|\\?)(?=[ \t\r\n,;)]|\\z)");
    private static final Pattern ITEM = Pattern.compile(
            SecretScript.PATH + "\\[(?::[A-Za-z_]{1,64}|(\\\\?[\"'])[0-9A-Za-z_\\-.:]{1,64}\\1)\\]");
    private static final Pattern CALLED = Pattern.compile(SecretScript.PATH + "\\(\\)(?=[ \t\r\n,;)}<]|\\z)");
    /** {@code await getToken()}, {@code new Token(x)} */
    private static final Pattern MADE = Pattern.compile("(?:await|new)[ \t]++" + SecretScript.PATH + "\\([A-Za-z_$., \t]{0,64}\\)");
    private static final Pattern MEMBER = Pattern.compile("(?:[A-Za-z_]{1,32}\\.){1,6}([A-Za-z_]{1,32})(?=[,;)}])"
            + "|(?:app|args|body|config|ctx|data|env|os|options|params|process|props|req|request|self|session|settings|state|this"
            + "|user)\\.(?:[A-Za-z_]{1,32}\\.){0,5}([A-Za-z_]{1,32})(?=[ \t\r\n]|\\z)");
    private static final Pattern NAMED = Pattern.compile("[:@]([A-Za-z_]{1,64})(?=[ \t\r\n,;)]|\\z)");
    private static final Pattern VARIABLE = Pattern.compile(
            "\\$[A-Za-z_][0-9A-Za-z_]{0,63}(?=[ \t]*[)}]|[, \t]+[A-Za-z_][0-9A-Za-z_]{0,63}[ \t]*:)");
    private static final Pattern ARGUMENT = Pattern.compile("([A-Za-z_]{1,64})(?=[ \t]*[,)])");
    /** Bytes before an argument in which what is called stands. */
    private static final int CALL_BYTES_MAX = 256;

    private SecretRefer() {}

    /** Whether a secret's name is one of a type, or of an element that has others. */
    static boolean isType(byte[] bytes, int at, int end) {
        if (end - at == USERNAME.length()
                && Span.text(bytes, at, end).equals(USERNAME)
                && SecretScript.at(bytes, end, ELEMENTS) != null) {
            return true;
        }
        boolean generic = Span.at(bytes, at - 1) == '<' && SecretPlace.isLetter(Span.at(bytes, at - 2));
        return generic && SecretScript.at(bytes, end, GENERIC_END) != null;
    }

    /** What a type stands before, {@code password: string = "abc"}, which may be nothing; or null. */
    static Span typed(byte[] bytes, int at, int start) {
        Matcher type = SecretScript.at(bytes, start, TYPE);
        boolean variable = bytes[at] == '$';
        if (type == null && variable) {
            type = SecretScript.at(bytes, start, OWN_TYPE);
        }
        if (type == null) {
            return null;
        }
        int to = start + type.end();
        Matcher end = SecretScript.at(bytes, to, TYPE_END);
        if (end == null) {
            boolean next = SecretScript.at(bytes, to, TYPE_NEXT) != null
                    || variable && SecretScript.at(bytes, to, VARIABLE_NEXT) != null;
            return next ? SecretScript.NOTHING : null;
        }
        Span value = end.group(1) == null ? null : SecretScript.string(bytes, to + end.end());
        return value == null ? SecretScript.NOTHING : value;
    }

    static boolean isPlace(byte[] bytes, int at) {
        return SecretScript.at(bytes, at, PLACE) != null;
    }

    /** Whether a function is called without arguments. */
    static boolean isCalled(byte[] bytes, int at) {
        return SecretScript.at(bytes, at, CALLED) != null;
    }

    /** Whether what stands for the value of a name refers to one. */
    static boolean isReference(byte[] bytes, Span own, int start, boolean equals, SecretNames names) {
        if (SecretScript.at(bytes, start, ITEM) != null || equals && (isCalled(bytes, start) || SecretScript.at(bytes, start, MADE) != null)) {
            return true;
        }
        Matcher member = SecretScript.at(bytes, start, MEMBER);
        if (member != null && names.isSecret(member.group(1) == null ? member.group(2) : member.group(1))) {
            return true;
        }
        if (!equals) {
            return SecretScript.at(bytes, start, VARIABLE) != null && isArgument(bytes, own.from);
        }
        String name = Span.text(bytes, own.from, own.to);
        Matcher named = SecretScript.at(bytes, start, NAMED);
        Matcher same = SecretScript.at(bytes, start, ARGUMENT);
        return named != null && named.group(1).equals(name)
                || same != null && same.group(1).equals(name) && isArgument(bytes, own.from);
    }

    /** Whether something is called, and a name is among its arguments. */
    private static boolean isArgument(byte[] bytes, int at) {
        int first = Math.max(0, at - CALL_BYTES_MAX);
        int open = at - 1;
        while (open > first && bytes[open] != '(' && bytes[open] != ')') {
            open--;
        }
        return open > first
                && bytes[open] == '('
                && (Span.isAlphanumeric(bytes[open - 1]) || bytes[open - 1] == '_');
    }
}
