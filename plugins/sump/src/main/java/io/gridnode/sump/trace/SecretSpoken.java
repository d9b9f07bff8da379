package io.gridnode.sump.trace;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Values that a sentence tells with nothing between them and their names but words: {@code password hunter2},
 * {@code your password is hunter2}, {@code Passwort lautet hunter2}, {@code The PIN for ann is 4711}. They must look like values, see
 * {@link SecretLikely}: "password must be 8 characters", "your password is wrong" are sentences.
 */
final class SecretSpoken {
    /** Names that are not told so, but of things. */
    private static final Set<String> NO_NAMES = Set.of(
            "auth", "authentication", "authorization", "bearer", "cookie", "cookies", "credential", "credentials", "csrf", "jwt",
            "session", "signature", "tokens");
    /** Names end so whose values may follow with no word between; and those whose values may be digits alone. */
    private static final List<String> PASSWORDS = List.of(
            "password", "passwd", "passphrase", "passcode", "pwd", "pswd", "passwort", "kennwort", "senha", "contrasena", "motdepasse",
            "wachtwoord", "losenord", "haslo", "apikey", "accesskey", "secretkey");
    private static final List<String> NUMBERS =
            List.of("pin", "otp", "code", "passcode", "password", "passwd", "pwd", "passwort", "kennwort");
    private static final Pattern NUMBER = Pattern.compile("[0-9]{4,12}");
    /** Words between a name and its value: verbs, what something is changed by, what may end them, and others. */
    private static final Set<String> VERBS = Set.of(
            "is", "was", "are", "be", "equals", "reads", "lautet", "ist", "war", latin("heißt"), "est", "es");
    private static final Set<String> CHANGES = Set.of("set", "changed", "reset");
    private static final Set<String> LASTS = Set.of("to", "auf", "as", "now", "jetzt");
    private static final Set<String> OTHERS = Set.of("has", "been", "will", "currently", "still");
    private static final int WORDS_MAX = 5;
    private static final Pattern WORD = Pattern.compile("[ \t]+([A-Za-z\u0080-\u00ff]{1,17})(?=[ \t])");
    /** Whose it is, before a verb. */
    private static final Set<String> OWNERS = Set.of("for", "of", latin("für"), "von");
    private static final Pattern OWNER = Pattern.compile("[ \t]*[^ \t\r\n\"'<>`,;\\\\()\\[\\]{}|]{0,64}");
    private static final Pattern BLANKS = Pattern.compile("[ \t]+");
    /** Around a value, in Markdown; the word that may be one; and what ends a sentence. */
    private static final String AROUND = "*_`";
    private static final Pattern VALUE = Pattern.compile(
            "(?:[^ \t\r\n\"'<>`,;\\\\()\\[\\]{}|&]|&(?!(?=[#0-9A-Za-z]{2,8};)#?[0-9A-Za-z]+;)){0,257}+");
    private static final String STOPS = ".:?*_";
    private static final Pattern PAIR = Pattern.compile("=[0-9A-Za-z]");
    private static final String CALLS = "([{";
    /** Bytes that are read after a name, and of a value. */
    private static final int BYTES_MAX = 512;
    private static final int VALUE_BYTES_MAX = 257;

    private SecretSpoken() {}

    /** What a sentence tells of the name that the word is, or ends; or null. */
    static Span of(byte[] bytes, int at, int end, SecretNames names) {
        if (Span.at(bytes, end) != ' ' && Span.at(bytes, end) != '\t') {
            return null;
        }
        boolean own = names.kind(Span.text(bytes, at, end)) == SecretWeak.SECRET;
        int start = own ? at : SecretPhrase.of(bytes, at, end, names);
        String name = start < 0 ? "" : SecretNames.plain(Span.text(bytes, start, end)).replaceFirst("[0-9]+\\z", "");
        if (name.isEmpty() || NO_NAMES.contains(name)) {
            return null;
        }
        Linked linked = Linked.of(latin(bytes, end, BYTES_MAX));
        if (linked == null || !linked.verb && PASSWORDS.stream().noneMatch(name::endsWith)) {
            return null;
        }
        Span value = value(bytes, end + linked.next);
        if (value == null) {
            return null;
        }
        String word = latin(bytes, value.from, value.to - value.from);
        boolean number = linked.verb && NUMBER.matcher(word).matches() && NUMBERS.stream().anyMatch(name::endsWith);
        return number || SecretLikely.is(word) ? value : null;
    }

    /** The word that may be a value there, no other pair, address or call; or null. */
    private static Span value(byte[] bytes, int at) {
        Quote open = Quote.at(bytes, at);
        int from = Span.skip(bytes, open == null ? at : open.after, AROUND);
        Matcher found = VALUE.matcher(latin(bytes, from, VALUE_BYTES_MAX));
        String word = found.lookingAt() ? found.group() : "";
        int to = from + word.length();
        boolean call = Span.at(bytes, to) > 0 && CALLS.indexOf(bytes[to]) >= 0;
        if (call || PAIR.matcher(word).find() || word.startsWith("/") || word.contains("://")) {
            return null;
        }
        while (to > from && STOPS.indexOf(bytes[to - 1]) >= 0) {
            to--;
        }
        return new Span(from, to);
    }

    private static String latin(byte[] bytes, int from, int count) {
        return new String(bytes, from, Math.min(count, bytes.length - from), StandardCharsets.ISO_8859_1);
    }

    private static String latin(String text) {
        return new String(Span.utf8(text), StandardCharsets.ISO_8859_1);
    }

    /** Where a value may begin after the words that follow a name, and whether there is a verb. */
    private static final class Linked {
        private final int next;
        private final boolean verb;

        private Linked(int next, boolean verb) {
            this.next = next;
            this.verb = verb;
        }

        /** Null if they tell no value. */
        private static Linked of(String text) {
            Matcher word = WORD.matcher(text);
            boolean owner = word.lookingAt() && OWNERS.contains(word.group(1).toLowerCase(Locale.ROOT));
            int at = 0;
            if (owner) {
                Matcher who = OWNER.matcher(text).region(word.end(), text.length());
                at = who.lookingAt() ? who.end() : word.end();
            }
            int count = 0;
            boolean told = false;
            boolean last = false;
            word.useTransparentBounds(true);
            while (count < WORDS_MAX && word.region(at, text.length()).lookingAt()) {
                String one = word.group(1).toLowerCase(Locale.ROOT);
                boolean ends = VERBS.contains(one) || LASTS.contains(one);
                if (!ends && !CHANGES.contains(one) && !OTHERS.contains(one)) {
                    break;
                }
                told |= VERBS.contains(one) || CHANGES.contains(one);
                last = ends;
                count++;
                at = word.end();
            }
            boolean verb = told && last;
            Matcher blanks = BLANKS.matcher(text).region(at, text.length());
            return blanks.lookingAt() && (verb || count == 0 && !owner) ? new Linked(blanks.end(), verb) : null;
        }
    }
}
