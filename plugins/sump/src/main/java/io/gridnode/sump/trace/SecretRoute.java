package io.gridnode.sump.trace;

import java.nio.charset.StandardCharsets;
import java.util.Set;

/** Secrets in paths, after a part that names them: {@code /api/token/a1b2c3}, {@code \/session\/a1b2c3}. */
final class SecretRoute {
    /** Parts before which other names stand than secrets, and such as are names of other things, too: what follows must be long. */
    private static final Set<String> SPACES = Set.of(
            "auth", "authentication", "authorization", "bearer", "cookie", "cookies", "credentials", "signature");
    private static final Set<String> OTHERS = Set.of(
            "activate", "activation", "confirm", "confirmation", "invite", "magiclink", "passwordreset", "unsubscribe", "verify");
    private static final int LONG_BYTES_MIN = 16;
    private static final String ENDS = "/?#&\"'<> \t\r\n,;)]}\\`";

    private SecretRoute() {}

    /** What follows a part of a path, or null. */
    static Span of(byte[] bytes, int at, int end, SecretNames names) {
        int slash = Span.at(bytes, end) == '\\' ? end + 1 : end;
        if (Span.at(bytes, at - 1) != '/' || Span.at(bytes, slash) != '/') {
            return null;
        }
        int from = slash + 1;
        int to = Span.until(bytes, from, ENDS);
        while (to > from && bytes[to - 1] == '.') {
            to--;
        }
        String value = new String(bytes, from, to - from, StandardCharsets.ISO_8859_1);
        if (!SecretLikely.is(value)) {
            return null;
        }
        String name = Span.text(bytes, at, end);
        String plain = SecretNames.plain(name);
        boolean named = names.kind(name) == SecretWeak.SECRET && !SPACES.contains(plain);
        boolean other = SPACES.contains(plain) || OTHERS.contains(plain);
        return named || other && SecretLikely.hasRun(value, LONG_BYTES_MIN) ? new Span(from, to) : null;
    }
}
