package io.gridnode.sump.trace;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.PriorityQueue;
import java.util.Set;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Takes secrets out of what a trace shows: names stay, a value becomes {@code ‹redacted:3f9a›}, the beginning of a hash whose key is
 * made for the run and kept nowhere. It works on text as it comes, for bodies are cut and need not be well-formed: what has a
 * secret's name beside it or a secret's shape.
 *
 * <p>The agent does the same with what other senders bring (agent/core/src/trace/redact.rs); both are held to the same examples
 * ({@code redaction.json}). Not thread safe.
 */
final class Redactor {
    /** Times a text is read. What is hidden may be what hid something else. */
    private static final int READINGS_MAX = 8;
    /** Of a name within what is no text. */
    private static final int NAME_CHARS_MIN = 4;
    private static final String HASH = "HmacSHA256";
    /** What may stand before the secret of a header. */
    private static final Set<String> SCHEMES =
            Set.of("bearer", "basic", "digest", "negotiate", "ntlm", "aws4-hmac-sha256", "token", "apikey", "oauth");

    private final Mac hash;
    private final SecretNames names;

    /** @param moreNames of secrets, beside the usual ones */
    Redactor(byte[] key, List<String> moreNames) {
        try {
            hash = Mac.getInstance(HASH);
            hash.init(new SecretKeySpec(key, HASH));
        } catch (GeneralSecurityException e) {
            // Every Java platform must have it.
            throw new IllegalStateException("this JVM has no " + HASH, e);
        }
        names = new SecretNames(moreNames);
    }

    /** A header's value. */
    String header(String name, String value) {
        String plain = SecretNames.plain(name);
        if (plain.equals("cookie")) {
            return cookies(value);
        }
        if (plain.equals("setcookie") || plain.equals("setcookie2")) {
            int end = value.indexOf(';') < 0 ? value.length() : value.indexOf(';');
            return cookies(value.substring(0, end)) + value.substring(end);
        }
        if (!names.isSecret(name) && !SecretNames.isHeader(name)) {
            return plainHeader(name, value);
        }
        int blank = 0;
        while (blank < value.length() && value.charAt(blank) != ' ' && value.charAt(blank) != '\t') {
            blank++;
        }
        int token = blank;
        while (token < value.length() && (value.charAt(token) == ' ' || value.charAt(token) == '\t')) {
            token++;
        }
        // "Bearer TOKEN": the scheme is no secret.
        boolean scheme = token > blank && SCHEMES.contains(value.substring(0, blank).toLowerCase(Locale.ROOT));
        return scheme ? value.substring(0, token) + hidden(value.substring(token)) : hidden(value);
    }

    /** Of one whose name says nothing. */
    private String plainHeader(String name, String value) {
        int token = SecretBearer.tokenOfHeader(value);
        if (token >= 0) {
            return value.substring(0, token) + hidden(value.substring(token));
        }
        // A rule of its own begins at the name.
        return name.equalsIgnoreCase(SecretSocket.NAME) ? text(name + ": " + value).substring(name.length() + 2) : text(value);
    }

    /** Any text: a URL, a body, an error, a label. Of what it returns, it returns the same. */
    String text(String text) {
        byte[] before = Span.utf8(text);
        byte[] shown = new Reading(before).read();
        for (int i = 1; i < READINGS_MAX; i++) {
            // What is encoded is looked at when nothing else is left.
            shown = Arrays.equals(shown, before) ? decoded(shown) : shown;
            if (Arrays.equals(shown, before)) {
                break;
            }
            before = shown;
            shown = new Reading(before).read();
        }
        return Arrays.equals(shown, before) ? new String(shown, StandardCharsets.UTF_8) : hidden(shown);
    }

    /** Whether what is no text may have a secret in it: the name of one, or what is one. Short names are there by chance. */
    boolean mayBeIn(String text) {
        for (String word : text.split("[^0-9A-Za-z_.-]+")) {
            if (word.length() >= NAME_CHARS_MIN && names.isSecret(word)) {
                return true;
            }
        }
        return !text(text).equals(text);
    }

    /** With each value hidden that has a secret in it when it is decoded. */
    private byte[] decoded(byte[] text) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(text.length);
        int done = 0;
        for (Span secret : SecretEncoded.values(text, 1, value -> new Reading(value).read())) {
            out.write(text, done, secret.from - done);
            out.writeBytes(Span.utf8(hidden(Arrays.copyOfRange(text, secret.from, secret.to))));
            done = secret.to;
        }
        out.write(text, done, text.length - done);
        return out.toByteArray();
    }

    private String cookies(String value) {
        String[] pairs = value.split(";", -1);
        for (int i = 0; i < pairs.length; i++) {
            int equals = pairs[i].indexOf('=');
            if (equals >= 0) {
                pairs[i] = pairs[i].substring(0, equals + 1) + hidden(pairs[i].substring(equals + 1));
            } else {
                String secret = pairs[i].stripLeading();
                pairs[i] = pairs[i].substring(0, pairs[i].length() - secret.length()) + hidden(secret);
            }
        }
        return String.join(";", pairs);
    }

    private String hidden(String value) {
        return hidden(Span.utf8(value));
    }

    /** A value's place holder. What is one already stays, and what says of itself that it has no value. */
    private String hidden(byte[] value) {
        if (value.length == 0 || SecretMark.isHidden(value) || SecretExpression.is(value, 0, value.length)) {
            return new String(value, StandardCharsets.UTF_8);
        }
        byte[] tag = hash.doFinal(value);
        return String.format("%s%02x%02x%s", SecretMark.BEGINNING, tag[0], tag[1], SecretMark.END);
    }

    /** Of one text. */
    private final class Reading {
        private final byte[] written;
        private final Folded folded;
        private final byte[] bytes;
        private final SecretTags tags;
        private final SecretPairs pairs;
        private final SecretLines lines;
        /** Whether any code may be a secret. */
        private final boolean codes;
        private final ByteArrayOutputStream shown;
        /** What was found and is not reached yet: of two that begin together the longer one is first. */
        private final PriorityQueue<Span> secrets =
                new PriorityQueue<>(Comparator.<Span>comparingInt(span -> span.from).thenComparingInt(span -> -span.to));
        /** Up to where it is shown, and the same of what is written. */
        private int done;
        private int writtenTo;
        private final SecretCommand command;
        /** Up to where a table's titles may stand: the first of its cells. */
        private int headEnd;

        private Reading(byte[] text) {
            folded = new Folded(text);
            written = folded.written;
            bytes = folded.bytes;
            tags = new SecretTags(bytes, names);
            pairs = new SecretPairs(bytes, names);
            lines = new SecretLines(bytes, names);
            command = new SecretCommand(bytes);
            codes = SecretCode.isExchange(bytes);
            shown = new ByteArrayOutputStream(written.length);
        }

        private byte[] read() {
            pairs.secrets.forEach(this::push);
            List<Span> cells = new SecretTable(bytes, names).secrets;
            cells.addAll(SecretSheet.sheets(bytes, names));
            headEnd = cells.isEmpty() ? 0 : cells.get(0).from;
            cells.forEach(this::push);
            new SecretForm(bytes, names).secrets.forEach(this::push);
            new SecretToken(bytes).secrets.forEach(this::push);
            new SecretList(bytes, names).secrets.forEach(this::push);
            new SecretVerdict(bytes, names).secrets.forEach(this::push);
            new SecretRefused(bytes, names).secrets.forEach(this::push);
            SecretArrow.arrows(bytes, names).forEach(this::push);
            new SecretNetrc(bytes).secrets.forEach(this::push);
            new SecretGrid(bytes, names).secrets.forEach(this::push);
            new SecretIni(bytes, names).secrets.forEach(this::push);
            new SecretPosted(bytes, names).secrets.forEach(this::push);
            lines.secrets.forEach(secret -> push(withToken(secret)));
            new SecretRare(bytes, names).secrets.forEach(secret -> push(withToken(secret)));
            int at = 0;
            while (at < bytes.length) {
                int hidden = hideBefore(at + 1);
                if (hidden > at) {
                    at = hidden;
                } else if (SecretPlace.isName(bytes[at])) {
                    at = word(at);
                } else {
                    push(SecretUrl.password(bytes, at));
                    at += Math.max(1, SecretMark.length(bytes, at, bytes.length));
                }
            }
            hideBefore(bytes.length + 1);
            shown.write(written, writtenTo, written.length - writtenTo);
            return shown.toByteArray();
        }

        /** Looks at a word, and says from where on to read. */
        private int word(int at) {
            int end = at;
            while (end < bytes.length && SecretPlace.isName(bytes[end])) {
                end++;
            }
            push(tags.look(at, end));
            Span keyed = SecretKeyed.of(bytes, at, end, names);
            push(keyed);
            boolean label = keyed != null || pairs.labels.contains(at) || lines.labels.contains(at) || tags.isLabel(at);
            push(secret(at, end, label));
            int first = at + SecretTags.escape(bytes, at, end);
            if (Span.text(bytes, first, end).equals(SecretCode.NAME)) {
                push(SecretCode.of(bytes, at, end, codes));
            }
            push(SecretCode.proof(bytes, first, end));
            push(SecretSentence.of(bytes, first, end, names));
            push(SecretJoin.toScheme(bytes, first, end));
            push(SecretSql.statement(bytes, first, end, names));
            push(SecretRoute.of(bytes, first, end, names));
            push(SecretCaption.of(bytes, first, end, names));
            push(label ? null : SecretSpoken.of(bytes, first, end, names));
            SecretInsert.inserted(bytes, first, end, names).forEach(this::push);
            push(label ? null : SecretLoose.of(bytes, first, end, headEnd, names));
            SecretUrl.parameters(bytes, first, end, names).forEach(this::push);
            SecretShape.gluedCards(bytes, first, end).forEach(this::push);
            SecretBearer.encoded(bytes, first, end).forEach(this::push);
            SecretSocket.protocols(bytes, first, end, names).forEach(this::push);
            push(command.look(first, end));
            // It may be the word itself.
            return Math.max(end, hideBefore(end));
        }

        /** Cut at characters whatever stands around it. */
        private void push(Span secret) {
            if (secret != null
                    && secret.from < secret.to
                    && secret.isOfWholeCharacters(bytes)
                    && !SecretExpression.is(bytes, secret.from, secret.to)) {
                secrets.add(secret);
            }
        }

        /** Those that begin before a place, each with those that overlap it; says up to where. What is written already stays. */
        private int hideBefore(int at) {
            int to = 0;
            while (!secrets.isEmpty() && secrets.peek().from < at) {
                Span secret = secrets.remove();
                int end = secret.to;
                while (!secrets.isEmpty() && secrets.peek().from < end) {
                    end = Math.max(end, secrets.remove().to);
                }
                int from = Math.max(secret.from, done);
                if (from < end) {
                    Span place = folded.place(from, end);
                    shown.write(written, writtenTo, place.from - writtenTo);
                    shown.writeBytes(Span.utf8(hidden(Arrays.copyOfRange(written, place.from, place.to))));
                    done = end;
                    writtenTo = place.to;
                }
                to = Math.max(to, end);
            }
            return to;
        }

        /** The secret that a word is or names, or null. */
        private Span secret(int at, int end, boolean label) {
            int first = at + SecretTags.escape(bytes, at, end);
            Span secret = SecretShape.card(bytes, first);
            if (secret == null) {
                secret = SecretShape.webToken(bytes, first, end);
            }
            if (secret == null) {
                secret = SecretBearer.credentials(bytes, first, end);
            }
            if (secret == null) {
                secret = tags.value(at, end);
            }
            if (secret == null) {
                secret = byName(at, first, end, label);
            }
            if (secret == null) {
                secret = SecretPlace.formPart(bytes, at, end, names);
            }
            return secret;
        }

        private Span byName(int at, int first, int end, boolean label) {
            String word = Span.text(bytes, first, end);
            Span content = SecretNames.isElement(word) ? SecretMarkup.element(bytes, at, end, true) : null;
            if (content != null || label) {
                return content;
            }
            Span value = named(at, end, at);
            value = value == null && first > at ? named(at, end, first) : value;
            int phrase = value == null ? SecretPhrase.of(bytes, first, end, names) : -1;
            return phrase < 0 ? value : named(phrase, end, phrase);
        }

        /** The value of a word, if it is a secret's name from {@code first} on, or null. */
        private Span named(int at, int end, int first) {
            String name = Span.text(bytes, first, end);
            SecretWeak kind = names.kind(name);
            if (kind.isWeak()) {
                int from = Math.max(0, at - SecretWeak.BEFORE_BYTES_MAX);
                byte[] around = SecretWeak.around(bytes, from, end);
                Span seen = SecretPlace.value(around, at - from, end - from);
                if (seen == null || !names.fits(name, around, seen)) {
                    return null;
                }
            }
            Span written = kind == SecretWeak.SECRET ? SecretScript.of(bytes, at, end, names) : null;
            if (written != null) {
                return written == SecretScript.NOTHING ? null : written;
            }
            Span value = kind == SecretWeak.NONE ? null : SecretPlace.value(bytes, at, end);
            if (value == null || SecretSchema.describes(bytes, at, end, value) || SecretComplaint.is(bytes, value)) {
                return null;
            }
            value = SecretJoin.joined(bytes, value);
            boolean other = kind == SecretWeak.PASS && SecretWeak.isAnother(bytes, end, value);
            return other ? null : withToken(value);
        }

        /** {@code Authorization=Bearer TOKEN}, as Java prints a map. */
        private Span withToken(Span value) {
            Span token = value == null ? null : SecretBearer.credentials(bytes, value.from, value.to);
            return token == null ? value : new Span(value.from, token.to);
        }
    }
}
