package io.gridnode.sump.trace;

import java.util.Set;

/**
 * Names of several words, {@code api key: s3cret}, {@code mot de passe: s3cret}, also with a form's sign for a blank:
 * {@code api+key=s3cret}.
 */
final class SecretPhrase {
    /** What such names end in; every other word is left at that. */
    private static final Set<String> LASTS = Set.of(
            "again", "answer", "assertion", "auth", "card", "code", "confirm", "confirmation", "hash", "header", "id", "key", "keys",
            "number", "pass", "passe", "phrase", "repeat", "tokens", "verifier", "word", "pw");
    private static final int LAST_BYTES_MAX = 12;
    private static final String BLANKS = " +";
    /** Words before the last one, and bytes of each. */
    private static final int WORDS_MAX = 3;
    private static final int WORD_BYTES_MAX = 16;

    private SecretPhrase() {}

    /** Where the name begins whose last word this is, if all of it is a secret's; or -1. */
    static int of(byte[] bytes, int at, int end, SecretNames names) {
        if (end - at > LAST_BYTES_MAX || !isBlank(bytes, at - 1) || !LASTS.contains(TagMark.lower(bytes, at, end))) {
            return -1;
        }
        int start = at;
        for (int i = 0; i < WORDS_MAX && isBlank(bytes, start - 1); i++) {
            int to = start - 1;
            start = to;
            while (start > 0 && Span.isAlphanumeric(bytes[start - 1])) {
                start--;
            }
            if (start == to || to - start > WORD_BYTES_MAX) {
                return -1;
            }
            if (names.kind(Span.text(bytes, start, end)) == SecretWeak.SECRET) {
                return start;
            }
        }
        return -1;
    }

    private static boolean isBlank(byte[] bytes, int at) {
        return at >= 0 && BLANKS.indexOf(bytes[at]) >= 0;
    }
}
