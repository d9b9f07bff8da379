package io.gridnode.sump.trace;

import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Names that secrets have: the usual ones and those of the configuration. */
final class SecretNames {
    /** As {@link #plain} writes them. */
    private static final Set<String> NAMES = Set.of(
            "auth", "authorization", "proxyauthorization", "authentication", "apikey", "xapikey", "key", "accesskey", "cookie",
            "setcookie", "credential", "credentials", "csrf", "xsrf", "cvc", "cvv", "cvv2", "cardnumber", "creditcard", "cardno",
            "ccnumber", "iban", "jsessionid", "jwt", "otp", "pan", "pass", "passcode", "passphrase", "passwd", "password",
            "phpsessid", "pin", "pwd", "samlart", "samlrequest", "samlresponse", "secret", "session", "sessionid", "sid", "sig",
            "ssn", "token");
    /** What other names of secrets end in. */
    private static final List<String> ENDINGS = List.of(
            "password", "passwd", "passphrase", "secret", "token", "apikey", "sessionid", "privatekey", "secretkey", "accesskey",
            "credential", "signature", "cookie");
    /** Elements of XML that are secret as a whole. */
    private static final Set<String> ELEMENTS =
            Set.of("Assertion", "EncryptedAssertion", "BinarySecurityToken", "SignatureValue");
    /** Longer words are no names. */
    private static final int CHARS_MAX = 128;
    private static final String OWN = "data-";

    private final Set<String> more = new HashSet<>();

    SecretNames(List<String> moreNames) {
        for (String name : moreNames) {
            more.add(plain(name));
        }
        more.remove("");
    }

    boolean isSecret(String name) {
        if (name.length() > CHARS_MAX) {
            return false;
        }
        // data-sid: an attribute of the page's own.
        return isPlain(name) || name.regionMatches(true, 0, OWN, 0, OWN.length()) && isPlain(name.substring(OWN.length()));
    }

    private boolean isPlain(String name) {
        String plain = plain(name);
        return NAMES.contains(plain) || ENDINGS.stream().anyMatch(plain::endsWith) || more.contains(plain);
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
