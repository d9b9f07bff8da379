package io.gridnode.sump.trace;

import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Expressions of JMeter and Gatling that went out as they are written, because nothing had given them a value: {@code ${token}},
 * {@code ${__uuid()}}, {@code #{token}}. They are no secrets, and to see them is what a trace is for.
 */
final class SecretExpression {
    private static final String EXPRESSION = "(?:\\$|#|%24|%23)(?:\\{|%7[Bb])[A-Za-z_][0-9A-Za-z_.\\-]{0,63}"
            + "(?:(?:\\(|%28)(?:[0-9A-Za-z_.,/+ \\-]|%2[CcFf0]){0,64}(?:\\)|%29))?(?:\\}|%7[Dd])";
    /** What stands for a value that was not found: JMeter's extractors have it as their default. */
    private static final String DEFAULT = "(?<![0-9A-Za-z_}])(?:NOT_?FOUND|NV_[A-Z_]{1,32}+|null|undefined|none|None)(?![0-9A-Za-z_\\-.])";
    private static final Pattern ONE = Pattern.compile(EXPRESSION + "|" + DEFAULT);
    /** What may stand before them: the scheme of a token. */
    private static final String SCHEME =
            "(?:(?i:bearer|basic|digest|negotiate|ntlm|aws4-hmac-sha256|token|apikey|key|oauth)[ \\t+]+)?";
    /** Expressions, also as values of a form's fields, and what ends a value. */
    private static final Pattern WHOLE =
            Pattern.compile(SCHEME + "(?:(?:[A-Za-z_.\\-]{1,32}+=)?(?:" + EXPRESSION + "|" + DEFAULT + ")|[,;:.)\\]}>\"'\\\\& \\t\\r\\n])+");
    /** Of a value that is looked at. */
    private static final int VALUE_BYTES_MAX = 1_024;
    /** What defaults begin with, and how far before a value's end the last of them does. */
    private static final byte[][] DEFAULTS = Span.all("NOT", "NV_", "null", "undefined", "none", "None");
    private static final int DEFAULT_BYTES_MAX = 64;
    /** Of the longest expression, which may end behind the value. */
    private static final int ONE_BYTES_MAX = 512;

    private SecretExpression() {}

    /** Whether a value is wholly one, or several, but for what stands around them. What follows it may be the end of the last. */
    static boolean is(byte[] bytes, int from, int to) {
        if (from >= to || to - from > VALUE_BYTES_MAX || !mayBe(bytes, from, to)) {
            return false;
        }
        int end = Math.min(bytes.length, to + ONE_BYTES_MAX);
        String text = new String(bytes, from, end - from, StandardCharsets.ISO_8859_1);
        Matcher whole = WHOLE.matcher(text);
        if (!whole.lookingAt() || whole.end() < to - from) {
            return false;
        }
        Matcher one = ONE.matcher(text).region(0, whole.end());
        return one.find() && one.start() < to - from;
    }

    /** Most values need no pattern: no sign is in them, and nothing that begins a default. */
    private static boolean mayBe(byte[] bytes, int from, int to) {
        for (int i = from; i < to; i++) {
            if (bytes[i] == '$' || bytes[i] == '#' || bytes[i] == '%') {
                return true;
            }
        }
        int first = Math.max(from, to - DEFAULT_BYTES_MAX);
        for (int i = first; i < to; i++) {
            if (Span.first(bytes, i, DEFAULTS) != null) {
                return true;
            }
        }
        return false;
    }
}
