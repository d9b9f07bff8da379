package io.gridnode.sump.trace;

import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Whether a word is a value, where a word of a sentence or of a path may stand as well.
 *
 * <p>It has six bytes or more, and a run of letters with digits in it that is as long ({@code hunter2}, {@code a1b2c3}) and no word
 * of the field ({@code sha256}), version ({@code v2beta1}) or count with its unit ({@code 8chars}); or a mark that words have not
 * within them ({@code Pa$$word}). Letters alone are a word, for what is lower case may be any. What ends like a file or a host is
 * none. Words are as bytes of Latin.
 */
final class SecretLikely {
    private static final int BYTES_MIN = 6;
    private static final int BYTES_MAX = 256;
    private static final Pattern RUN = Pattern.compile("[0-9A-Za-z]+");
    private static final Pattern DIGIT = Pattern.compile("[0-9]");
    private static final Pattern LETTER = Pattern.compile("[A-Za-z]");
    /** A mark between letters or digits. */
    private static final Pattern MARKED = Pattern.compile("[0-9A-Za-z][!$#^*]+(?=[0-9A-Za-z])");
    /** What a file's or a host's name ends in. */
    private static final Pattern PLACE = Pattern.compile("\\.[a-z]{2,5}\\z");
    private static final Set<String> TERMS = Set.of(
            "aes128", "aes192", "aes256", "argon2", "argon2d", "argon2i", "argon2id", "base32", "base58", "base64", "base64url",
            "blake2b", "blake2s", "chacha20", "curve25519", "ed25519", "log4j2", "oauth2", "office365", "pbkdf2", "pkcs12", "poly1305",
            "python2", "python3", "ripemd160", "secp256k1", "sha224", "sha256", "sha384", "sha512", "x25519");
    private static final Pattern VERSION = Pattern.compile("[vV][0-9].*");
    private static final Pattern COUNT = Pattern.compile(
            "[0-9]{1,3}(?:attempts|bits?|bytes?|char|characters|chars|days?|digits?|hours?|letters|min|mins|minutes|seconds|times|weeks"
                    + "|years)",
            Pattern.CASE_INSENSITIVE);

    private SecretLikely() {}

    static boolean is(String word) {
        boolean length = word.length() >= BYTES_MIN && word.length() <= BYTES_MAX;
        return length && !PLACE.matcher(word).find()
                && (hasRun(word, BYTES_MIN) || LETTER.matcher(word).find() && MARKED.matcher(word).find());
    }

    /** Whether there are so many letters with digits in one piece, and no term. */
    static boolean hasRun(String word, int bytesMin) {
        Matcher runs = RUN.matcher(word);
        while (runs.find()) {
            String run = runs.group();
            boolean mixed = run.length() >= bytesMin && DIGIT.matcher(run).find() && LETTER.matcher(run).find();
            if (mixed && !isTerm(run)) {
                return true;
            }
        }
        return false;
    }

    private static boolean isTerm(String run) {
        return TERMS.contains(run.toLowerCase(Locale.ROOT)) || VERSION.matcher(run).matches() || COUNT.matcher(run).matches();
    }
}
