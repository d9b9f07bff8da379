package io.gridnode.sump.trace;

import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** Names that secrets have: the usual ones and those of the configuration. */
final class SecretNames {
    /** As {@link #plain} writes them. */
    private static final Set<String> NAMES = Set.of(
            "auth", "authentication", "authenticationinfo", "cardno", "cardnumber", "ccnumber", "cookies", "credentials",
            "creditcard", "csrf", "cvc", "cvc2", "cvv", "cvv2", "iban", "jsessionid", "jwt", "key", "otp", "pan", "pan4", "pass",
            "pass1", "pass2", "passcode", "phpsessid", "pin", "proxyauthenticationinfo", "samlart", "samlrequest", "samlresponse",
            "session", "setcookie2", "sid", "sig", "ssn", "tokens", "xauth", "xcsrf", "xsession", "xsrf", "xxsrf", "adminpass",
            "dbpass", "loginpass", "newpass", "oldpass", "userpass", "codeverifier", "devicecode", "idtokenhint", "usercode",
            "senha", "haslo", "geheim", "clave",
            "mfacode", "verificationcode", "onetimecode", "totp", "smscode", "oauthverifier", "pw",
            "psw", "userpw", "pwdconfirm", "strpass", "securityanswer",
            "secretanswer", "clientassertion", "samlassertion", "xmsclientprincipal", "xamznoidcdata");
    /** What other names of secrets end in, but for digits. */
    private static final List<String> ENDINGS = List.of(
            "password", "passwd", "passphrase", "pwd", "secret", "token", "apikey", "sessionid", "privatekey", "secretkey",
            "accesskey", "authkey", "subscriptionkey", "authorization", "credential", "signature", "cookie", "securitycode",
            "pincode", "passwordconfirm", "passwordconfirmation", "passwordrepeat", "passwordagain", "passwords", "secrets",
            "apikeys", "accesskeys", "accesstokens", "authtokens", "idtokens", "refreshtokens", "sessiontokens",
            "secretkeybase", "encryptionkey", "accountkey", "masterkey", "signingkey", "storagekey", "sharedkey", "passwort",
            "kennwort", "contrasena", "motdepasse", "wachtwoord", "losenord");
    /** Those with letters of other languages, as {@link #full} writes them. */
    private static final Set<String> OTHER_NAMES = Set.of("contraseña", "lösenord", "hasło", "пароль", "密码", "パスワード");
    /** What the names of secret headers end in. */
    private static final Set<String> HEADER_WORDS = Set.of(
            "key", "token", "secret", "otp", "pin", "jwt", "ticket", "password", "credential", "signature", "session");
    /** Those that end so and are no secrets, but for {@code X-}. */
    private static final Set<String> HEADERS_SHOWN =
            Set.of("idempotencykey", "requestkey", "cachekey", "surrogatekey", "partitionkey");
    private static final String HEADER_MARKS = "-_.";
    private static final String OWN_HEADER = "x-";
    /** Elements of XML that are secret as a whole. */
    private static final Set<String> ELEMENTS =
            Set.of("Assertion", "EncryptedAssertion", "BinarySecurityToken", "SignatureValue");
    /** Longer words are no names. */
    private static final int CHARS_MAX = 128;
    private static final String OWN = "data-";

    /** As {@link #full} writes them. */
    private final Set<String> more = new HashSet<>();
    private final boolean own;

    SecretNames(List<String> moreNames) {
        for (String name : moreNames) {
            more.add(full(name));
        }
        more.remove("");
        own = !more.isEmpty();
        more.addAll(OTHER_NAMES);
    }

    boolean isSecret(String name) {
        if (name.codePointCount(0, name.length()) > CHARS_MAX) {
            return false;
        }
        // data-sid: an attribute of the page's own.
        return isOne(name) || name.regionMatches(true, 0, OWN, 0, OWN.length()) && isOne(name.substring(OWN.length()));
    }

    private boolean isOne(String name) {
        String plain = plain(name);
        int end = plain.length();
        while (end > 0 && Span.isDigit(plain.charAt(end - 1))) {
            end--;
        }
        String stem = plain.substring(0, end);
        return NAMES.contains(plain)
                || ENDINGS.stream().anyMatch(stem::endsWith)
                || (own || mayBeOther(name)) && more.contains(full(name))
                || name.regionMatches(true, 0, OWN_HEADER, 0, OWN_HEADER.length()) && isHeader(name);
    }

    /** Whether it may have letters of other languages: most words have none, and are many. */
    private static boolean mayBeOther(String name) {
        return name.chars().anyMatch(c -> c == '%' || c >= 0x80);
    }

    /** Whether a header of this name has a secret: {@code X-Functions-Key}. */
    static boolean isHeader(String name) {
        int last = name.length();
        while (last > 0 && HEADER_MARKS.indexOf(name.charAt(last - 1)) < 0) {
            last--;
        }
        String plain = plain(name);
        return HEADER_WORDS.contains(plain(name.substring(last)))
                && !HEADERS_SHOWN.contains(plain.startsWith("x") ? plain.substring(1) : plain);
    }

    /** Whether a whole element of this name, without its prefix, is secret. */
    static boolean isElement(String name) {
        return ELEMENTS.contains(name);
    }

    /** A name in small letters and digits alone, percent signs read: {@code X-Api-Key} and {@code api%5Fkey} are one. */
    static String plain(String name) {
        StringBuilder plain = new StringBuilder(name.length());
        int at = 0;
        while (at < name.length()) {
            int c = name.charAt(at);
            int encoded = c == '%' ? hex(name, at + 1) : -1;
            if (encoded >= 0) {
                c = encoded;
            }
            at += encoded >= 0 ? 3 : 1;
            if (c >= '0' && c <= '9' || c >= 'a' && c <= 'z') {
                plain.append((char) c);
            } else if (c >= 'A' && c <= 'Z') {
                plain.append((char) (c - 'A' + 'a'));
            }
        }
        return plain.toString();
    }

    /** The same with the letters of other languages. As to those punctuation is told by its block alone. */
    static String full(String name) {
        String read = new String(SecretEncoded.decoded(Span.utf8(name), '+'), StandardCharsets.UTF_8);
        StringBuilder full = new StringBuilder(read.length());
        read.codePoints().filter(SecretNames::isLetter).forEach(full::appendCodePoint);
        return full.toString().toLowerCase(Locale.ROOT);
    }

    private static boolean isLetter(int c) {
        return Span.isAlphanumeric(c) || c >= 0xC0 && c < 0x2000 || c >= 0x2070 && c <= 0xFFFC || c >= 0x10000;
    }

    private static int hex(String text, int at) {
        if (at + 2 > text.length()) {
            return -1;
        }
        int high = text.charAt(at) == '+' ? 0 : digit(text.charAt(at));
        int low = digit(text.charAt(at + 1));
        return high < 0 || low < 0 ? -1 : high << 4 | low;
    }

    private static int digit(char c) {
        return c < 0x80 ? Character.digit(c, 16) : -1;
    }
}
