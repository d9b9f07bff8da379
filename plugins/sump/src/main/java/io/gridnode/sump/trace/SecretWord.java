package io.gridnode.sump.trace;

import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Names that are secret by their last word alone, whatever stands before it: {@code card[cvc]}, {@code pay-cvc}, {@code loginOtp}.
 * A short word within a longer one says nothing ({@code compass}): words end at marks and where small letters meet great ones.
 */
final class SecretWord {
    /** As a whole, or as the last of a name's words. */
    private static final Set<String> WORDS =
            Set.of("cvc", "cvv", "pin", "otp", "totp", "ssn", "iban", "sid", "sig", "pw", "psw", "passcode");
    /** Those that are also words of a program: {@code app.session}. Their values must look like tokens. */
    private static final Set<String> WEAK_WORDS = Set.of("session", "auth", "csrf", "xsrf", "jwt");
    /** Words before one that make it another: a map's pin, Twilio's identifier of a call. */
    private static final Map<String, Set<String>> OTHERS = Map.of(
            "pin", Set.of("map", "gpio", "push", "drop", "safety", "board"),
            "sid", Set.of("call", "message", "account", "object", "conversation", "service", "room"));
    private static final String PASS = "pass";
    /** Words before {@code pass}. Others make it no secret: a boarding pass, the first pass, {@code compass}. */
    private static final Set<String> PASS_OWNERS = Set.of(
            "account", "admin", "api", "app", "auth", "basic", "bind", "cert", "client", "confirm", "current", "customer", "db",
            "default", "email", "ftp", "guest", "hash", "http", "imap", "jdbc", "key", "keystore", "ldap", "login", "mail", "master",
            "member", "mongo", "my", "mysql", "new", "old", "original", "pg", "plain", "postgres", "proxy", "re", "redis", "reenter",
            "repeat", "retype", "root", "secret", "security", "server", "service", "smtp", "sql", "ssh", "store", "sudo", "temp",
            "tmp", "trust", "truststore", "user", "usr", "verify", "web", "wifi", "wp");
    /** Between a name and what belongs to it: {@code user[pin]}, {@code login:pin}. */
    private static final String PARTS = "[]:";
    private static final String ENDS = "._-$0123456789";

    /** The last word of a name, in small letters, and the one before it. */
    private final String last;
    private final String before;

    SecretWord(String name) {
        int end = trimmed(name, name.length(), ENDS);
        int start = start(name, end);
        int to = trimmed(name, start, ENDS);
        last = name.substring(start, end).toLowerCase(Locale.ROOT);
        before = name.substring(start(name, to), to).toLowerCase(Locale.ROOT);
    }

    /** The last part of a name that has several, {@code pin} of {@code user[pin]}; or null. */
    static String part(String name) {
        int end = trimmed(name, name.length(), PARTS);
        int start = end;
        while (start > 0 && PARTS.indexOf(name.charAt(start - 1)) < 0) {
            start--;
        }
        return start > 0 ? name.substring(start, end) : null;
    }

    /** Whether the last word makes a name a secret's; as to {@code pass}, somebody's: {@code dbPass}, {@code confirmpass}. */
    boolean isSecret() {
        String owner = last.equals(PASS) ? before : last.endsWith(PASS) ? last.substring(0, last.length() - PASS.length()) : "";
        return WORDS.contains(last) && !OTHERS.getOrDefault(last, Set.of()).contains(before) || PASS_OWNERS.contains(owner);
    }

    /** Whether it does if the value looks like a token. */
    boolean isWeak() {
        return WEAK_WORDS.contains(last);
    }

    /** Without the marks before its end. */
    private static int trimmed(String name, int end, String marks) {
        int at = end;
        while (at > 0 && marks.indexOf(name.charAt(at - 1)) >= 0) {
            at--;
        }
        return at;
    }

    /** Where the word begins that ends there. */
    private static int start(String name, int end) {
        int at = end;
        while (at > 0 && Span.isAlphanumeric(name.charAt(at - 1)) && !(at < end && isBorder(name, at, end))) {
            at--;
        }
        return at;
    }

    /** Whether a great letter begins a word: {@code cardCvv}, {@code USERPin}. */
    private static boolean isBorder(String name, int at, int end) {
        boolean small = at + 1 < end && name.charAt(at + 1) >= 'a' && name.charAt(at + 1) <= 'z';
        return isGreat(name.charAt(at)) && (!isGreat(name.charAt(at - 1)) || small);
    }

    private static boolean isGreat(char c) {
        return c >= 'A' && c <= 'Z';
    }
}
