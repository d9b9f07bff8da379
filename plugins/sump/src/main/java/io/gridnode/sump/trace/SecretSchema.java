package io.gridnode.sump.trace;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Values that say what a secret is like, and are none: {@code "password":{"type":"string","minLength":8}}, a label in another
 * language.
 */
final class SecretSchema {
    /** Members of what describes a field, and of what is shown beside one; the first of them says that it does. */
    private static final String FIRST = "type|\\$ref|label|title|placeholder|format|description";
    private static final String MEMBERS = FIRST
            + "|name|in|scheme|bearerFormat|minLength|maxLength|pattern|nullable|readOnly|writeOnly|required|hint|help|maximum|minimum";
    private static final String KINDS =
            "string|object|integer|number|boolean|array|apiKey|http|oauth2|openIdConnect|null|text|password|keyword";
    private static final String WHITE = "[ \t\r\n]{0,64}+";
    private static final String VALUE = "(?:\"(?:[^\"\\\\]|\\\\[^\n]){0,256}+\"|[0-9]{1,9}+|true|false|null)";
    private static final Pattern FIRST_MEMBER = member(FIRST);
    private static final Pattern MEMBER = member(MEMBERS);
    private static final int MEMBERS_MAX = 16;
    private static final int OBJECT_BYTES_MAX = 16_384;
    /** What the name of a text begins with that a page shows, and such a text. */
    private static final Pattern SHOWN = Pattern.compile(
            "(?i)(?:forgot|forgotten|reset|change|show|hide|enter|invalid|wrong|missing|lost|weak|update|create|choose)"
                    + "[_\\-]?(?=[A-Za-z])");
    private static final Pattern TEXT = Pattern.compile("[A-Z][A-Za-z ,.?!'\\-]*+");
    private static final int TEXT_BYTES_MAX = 128;

    private SecretSchema() {}

    private static Pattern member(String names) {
        return Pattern.compile(WHITE + "\"(?:type\"" + WHITE + ":" + WHITE + "\"(?:" + KINDS + ")\"|(?!type\")(?:" + names + ")\""
                + WHITE + ":" + WHITE + VALUE + ")" + WHITE + "([,}])");
    }

    /** Whether the value of a name from {@code at} to {@code end} only describes one. */
    static boolean describes(byte[] bytes, int at, int end, Span value) {
        int length = value.to - value.from;
        if (Span.at(bytes, value.from) == '{') {
            return length <= OBJECT_BYTES_MAX && isSchema(SecretScript.head(bytes, value.from, length));
        }
        if (length > TEXT_BYTES_MAX || !SHOWN.matcher(SecretScript.head(bytes, at, end - at)).lookingAt()) {
            return false;
        }
        String text = SecretScript.head(bytes, value.from, length);
        return text.indexOf(' ') >= 0 && TEXT.matcher(text).matches();
    }

    /** Of an object that has nothing but members that describe something. */
    private static boolean isSchema(String object) {
        int at = 1;
        for (int count = 0; count < MEMBERS_MAX; count++) {
            Matcher member = (count == 0 ? FIRST_MEMBER : MEMBER).matcher(object).region(at, object.length());
            if (!member.lookingAt()) {
                return false;
            }
            at = member.end();
            if (member.group(1).equals("}")) {
                return at == object.length();
            }
        }
        return false;
    }
}
