package io.gridnode.sump.trace;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Passwords of machines, as a {@code .netrc} has them: {@code machine h login bob password s3cret}. Those of a text. */
final class SecretNetrc {
    private static final byte[] MACHINE = Span.utf8("machine");
    /** The one of all others. */
    private static final byte[] DEFAULT = Span.utf8("default");
    private static final String LOGIN = "login";
    private static final String PASSWORD = "password";
    private static final Set<String> WORDS = Set.of(LOGIN, PASSWORD, "user", "account");
    /** Pairs of words that are read, and bytes of each. */
    private static final int PAIRS_MAX = 4;
    private static final int WORD_BYTES_MAX = 256;
    private static final String ENDS = " \t\r\n\"'\\<";

    final List<Span> secrets = new ArrayList<>(0);

    private final byte[] bytes;

    SecretNetrc(byte[] bytes) {
        this.bytes = bytes;
        look(MACHINE, true);
        look(DEFAULT, false);
    }

    private void look(byte[] word, boolean named) {
        int at = Span.find(bytes, 0, bytes.length, word);
        while (at >= 0) {
            int end = at + word.length;
            Span host = named ? next(end) : new Span(end, end);
            if (host != null && (at == 0 || !SecretPlace.isName(bytes[at - 1]))) {
                password(host.to);
            }
            at = Span.find(bytes, end, bytes.length, word);
        }
    }

    /** The password among the pairs that follow, if a login is one of them. */
    private void password(int at) {
        int end = at;
        boolean login = false;
        Span found = null;
        for (int i = 0; i < PAIRS_MAX; i++) {
            Span name = next(end);
            String word = name == null ? "" : Span.text(bytes, name.from, name.to);
            Span value = WORDS.contains(word) ? next(name.to) : null;
            if (value == null) {
                break;
            }
            end = value.to;
            login |= word.equals(LOGIN);
            found = word.equals(PASSWORD) ? value : found;
        }
        if (login && found != null) {
            secrets.add(found);
        }
    }

    /** The word after blanks, or null. */
    private Span next(int at) {
        int start = SecretCell.white(bytes, at);
        if (start == at || start - at > WORD_BYTES_MAX) {
            return null;
        }
        int end = start;
        while (end < bytes.length && end - start <= WORD_BYTES_MAX && ENDS.indexOf(bytes[end]) < 0) {
            end++;
        }
        return end > start && end - start <= WORD_BYTES_MAX ? new Span(start, end) : null;
    }
}
