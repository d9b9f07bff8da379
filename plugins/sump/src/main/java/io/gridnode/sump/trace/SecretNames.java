package io.gridnode.sump.trace;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Names that secrets have: the usual ones and those of the configuration. */
final class SecretNames {
    /** As {@link #plain} writes them. */
    private static final Set<String> NAMES = Set.of(
            "auth", "authentication", "authenticationinfo", "cardno", "cardnumber", "ccnumber", "cookies", "credentials",
            "creditcard", "csrf", "cvc", "cvc2", "cvv", "cvv2", "iban", "jsessionid", "jwt", "otp", "pan4",
            "pass1", "pass2", "passcode", "phpsessid", "pin", "proxyauthenticationinfo", "samlart", "samlrequest", "samlresponse", "signatureprovided",
            "session", "setcookie2", "sid", "sig", "ssn", "tokens", "xauth", "xcsrf", "xsession", "xsrf", "xxsrf", "adminpass",
            "dbpass", "loginpass", "newpass", "oldpass", "userpass", "codeverifier", "devicecode", "idtokenhint", "usercode",
            "senha", "haslo", "geheim", "clave",
            "mfacode", "verificationcode", "onetimecode", "totp", "smscode", "oauthverifier", "pw",
            "psw", "userpw", "pwdconfirm", "strpass", "securityanswer",
            "secretanswer", "clientassertion", "samlassertion", "xmsclientprincipal", "xamznoidcdata",
            "bearer", "passw", "wresult", "appkey", "jwtkey", "wpnonce", "grecaptcharesponse", "hcaptcharesponse",
            "cfturnstileresponse", "xshopifyhmacsha256");
    /** What other names of secrets end in, but for digits. */
    private static final List<String> ENDINGS = List.of(
            "password", "passwd", "passphrase", "pwd", "secret", "token", "apikey", "sessionid", "privatekey", "secretkey",
            "accesskey", "authkey", "subscriptionkey", "authorization", "credential", "signature", "cookie", "securitycode",
            "pincode", "passwordconfirm", "passwordconfirmation", "passwordrepeat", "passwordagain", "passwords", "secrets",
            "apikeys", "accesskeys", "accesstokens", "authtokens", "idtokens", "refreshtokens", "sessiontokens",
            "secretkeybase", "encryptionkey", "accountkey", "masterkey", "signingkey", "storagekey", "sharedkey", "passwort",
            "kennwort", "contrasena", "motdepasse", "wachtwoord", "losenord", "pswd", "sessionkey", "servicekey",
            "authcode", "authorizationcode", "authheader", "basicauth", "cvccode", "cvvcode", "otpcode", "ccnum", "ccnumber",
            "cardnumber", "verificationcode", "socialsecuritynumber", "2facode", "mfacode", "tfacode", "twofactorcode",
            "twofactorauthenticationcode", "authenticatorcode", "backupcode", "recoverycode", "verifycode", "paymentmethodnonce");
    /** What is made of a secret, or says how it is written: {@code passwordHash}, {@code privateKeyPem}. */
    private static final List<String> FORMS = List.of("hash", "digest", "salt", "value", "pem");
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
    /** What the cookies of ASP.NET Core begin with, but for that of the language: {@code .AspNetCore.Cookies}. */
    private static final String ASP = "aspnetcore";
    private static final String ASP_CULTURE = "aspnetcoreculture";
    /** Elements of XML that are secret as a whole. */
    private static final Set<String> ELEMENTS =
            Set.of("Assertion", "EncryptedAssertion", "BinarySecurityToken", "SignatureValue");
    /** Longer words are no names. */
    private static final int CHARS_MAX = 128;
    /** A shorter name of the configuration is looked for as a whole only: it would be a part of too many others. */
    private static final int PART_CHARS_MIN = 4;
    private static final int KNOWN_MAX = 4_096;
    private static final String OWN = "data-";

    /** As {@link #full} writes them. */
    private final Set<String> more = new HashSet<>();
    private final boolean own;
    /** Those of the configuration that are long enough to be looked for within a name. */
    private final List<String> parts;
    /** A page has few words, many times. */
    private final Map<String, SecretWeak> known = new HashMap<>();

    SecretNames(List<String> moreNames) {
        for (String name : moreNames) {
            more.add(full(name));
        }
        more.remove("");
        own = !more.isEmpty();
        parts = more.stream().filter(name -> name.codePointCount(0, name.length()) >= PART_CHARS_MIN)
                .collect(Collectors.toList());
        more.addAll(OTHER_NAMES);
    }

    /** Whether what has this name may be secret. */
    boolean isSecret(String name) {
        return kind(name) != SecretWeak.NONE;
    }

    /** Whether this value of it is. */
    boolean fits(String name, byte[] bytes, Span value) {
        SecretWeak kind = kind(name);
        return kind == SecretWeak.SECRET
                || kind != SecretWeak.NONE && kind.fits(Span.text(bytes, value.from, value.to));
    }

    SecretWeak kind(String name) {
        if (name.codePointCount(0, name.length()) > CHARS_MAX) {
            return SecretWeak.NONE;
        }
        if (known.size() >= KNOWN_MAX) {
            known.clear();
        }
        return known.computeIfAbsent(name, this::look);
    }

    private SecretWeak look(String name) {
        SecretWeak kind = of(name);
        // data-sid: an attribute of the page's own.
        boolean pages = kind == SecretWeak.NONE && name.regionMatches(true, 0, OWN, 0, OWN.length());
        return pages ? of(name.substring(OWN.length())) : kind;
    }

    private SecretWeak of(String name) {
        String plain = plain(name);
        int end = plain.length();
        while (end > 0 && Span.isDigit(plain.charAt(end - 1))) {
            end--;
        }
        String stem = plain.substring(0, end);
        boolean secret = NAMES.contains(plain)
                || isEnding(stem)
                || FORMS.stream().anyMatch(form -> stem.endsWith(form) && isEnding(stem.substring(0, stem.length() - form.length())))
                || (own || mayBeOther(name)) && isMore(full(name))
                || name.startsWith(".") && plain.startsWith(ASP) && !plain.equals(ASP_CULTURE)
                || name.regionMatches(true, 0, OWN_HEADER, 0, OWN_HEADER.length()) && isHeader(name);
        SecretWeak weak = secret ? SecretWeak.SECRET : SecretWeak.of(plain);
        return weak != SecretWeak.NONE ? weak : name.indexOf('%') < 0 ? byWord(name) : encoded(name);
    }

    private boolean isMore(String full) {
        return more.contains(full) || parts.stream().anyMatch(full::contains);
    }

    /** Of one with percent signs, which may be of characters that stand for others. */
    private SecretWeak encoded(String name) {
        String decoded = new String(SecretEncoded.decoded(Span.utf8(name), ' '), StandardCharsets.UTF_8);
        String meant = Folded.fold(decoded);
        return meant.equals(decoded) ? byWord(read(name)) : of(meant);
    }

    private SecretWeak byWord(String name) {
        String part = SecretWord.part(name);
        if (part != null) {
            return of(part);
        }
        SecretWord word = new SecretWord(name);
        return word.isSecret() ? SecretWeak.SECRET : word.isWeak() ? SecretWeak.TOKEN : SecretWeak.NONE;
    }

    private static boolean isEnding(String stem) {
        return ENDINGS.stream().anyMatch(stem::endsWith);
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
        String read = read(name);
        StringBuilder plain = new StringBuilder(read.length());
        for (int at = 0; at < read.length(); at++) {
            char c = read.charAt(at);
            if (c >= '0' && c <= '9' || c >= 'a' && c <= 'z') {
                plain.append(c);
            } else if (c >= 'A' && c <= 'Z') {
                plain.append((char) (c - 'A' + 'a'));
            }
        }
        return plain.toString();
    }

    /** With percent signs read, each as a character. */
    private static String read(String name) {
        if (name.indexOf('%') < 0) {
            return name;
        }
        StringBuilder read = new StringBuilder(name.length());
        int at = 0;
        while (at < name.length()) {
            int encoded = name.charAt(at) == '%' ? hex(name, at + 1) : -1;
            read.append(encoded >= 0 ? (char) encoded : name.charAt(at));
            at += encoded >= 0 ? 3 : 1;
        }
        return read.toString();
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
