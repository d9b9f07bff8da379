package io.gridnode.sump.trace;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.List;
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
    /** How every redacted value begins. */
    private static final String MARK = "‹redacted:";
    private static final byte[] MARK_BYTES = Span.utf8(MARK);
    private static final byte[] TAG_END = {'>'};
    private static final String HASH = "HmacSHA256";

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
        if (plain.equals("setcookie")) {
            int end = value.indexOf(';') < 0 ? value.length() : value.indexOf(';');
            return cookies(value.substring(0, end)) + value.substring(end);
        }
        if (!names.isSecret(name)) {
            return text(value);
        }
        int blank = value.indexOf(' ');
        // "Bearer TOKEN": the scheme is no secret.
        if (blank >= 0 && value.chars().limit(blank).allMatch(c -> Span.isAlphanumeric(c) && !Span.isDigit(c))) {
            return value.substring(0, blank + 1) + hidden(value.substring(blank + 1));
        }
        return hidden(value);
    }

    /** Any text: a URL, a body, an error, a label. */
    String text(String text) {
        return new Reading(Span.utf8(text)).read(text);
    }

    private String cookies(String value) {
        String[] pairs = value.split(";", -1);
        for (int i = 0; i < pairs.length; i++) {
            int equals = pairs[i].indexOf('=');
            if (equals >= 0) {
                pairs[i] = pairs[i].substring(0, equals + 1) + hidden(pairs[i].substring(equals + 1));
            }
        }
        return String.join(";", pairs);
    }

    /** A value's place holder. What is one already stays. */
    private String hidden(String value) {
        if (value.isEmpty() || value.startsWith(MARK)) {
            return value;
        }
        byte[] tag = hash.doFinal(Span.utf8(value));
        return String.format("%s%02x%02x›", MARK, tag[0], tag[1]);
    }

    /** Of one text. */
    private final class Reading {
        private final byte[] bytes;
        private final SecretTags tags;
        private final ByteArrayOutputStream shown;
        /** Up to where it is written. */
        private int done;

        private Reading(byte[] bytes) {
            this.bytes = bytes;
            tags = new SecretTags(bytes, names);
            shown = new ByteArrayOutputStream(bytes.length);
        }

        private String read(String text) {
            // Of an element, whose attributes come first.
            Span content = null;
            int at = 0;
            while (at < bytes.length) {
                if (content != null && content.from <= at) {
                    hide(content);
                    at = Math.max(at, content.to);
                    content = null;
                    continue;
                }
                int from = at;
                while (at < bytes.length && SecretPlace.isName(bytes[at])) {
                    at++;
                }
                if (at == from) {
                    at++;
                    continue;
                }
                tags.look(from, at);
                Span secret = secret(from, at);
                if (secret != null && content == null && Span.find(bytes, at, secret.from, TAG_END) >= 0) {
                    content = secret;
                } else if (secret != null) {
                    hide(secret);
                    at = Math.max(secret.to, at);
                }
            }
            // It may begin in the middle of the last word, after a quotation mark that is written as an escape.
            if (content != null) {
                hide(content);
            }
            if (done == 0) {
                return text;
            }
            shown.write(bytes, done, bytes.length - done);
            return shown.toString(StandardCharsets.UTF_8);
        }

        /** What is written already stays as it is. */
        private void hide(Span secret) {
            int from = Math.max(secret.from, done);
            if (from < secret.to && !Span.startsWith(bytes, from, MARK_BYTES)) {
                shown.write(bytes, done, from - done);
                shown.writeBytes(Span.utf8(hidden(Span.text(bytes, from, secret.to))));
                done = secret.to;
            }
        }

        /** The secret that a word is or names, or null. */
        private Span secret(int at, int end) {
            int first = at + SecretTags.escape(bytes, at, end);
            Span secret = SecretShape.card(bytes, first);
            if (secret == null) {
                secret = SecretShape.webToken(bytes, first, end);
            }
            if (secret == null) {
                secret = SecretShape.credentials(bytes, first, end);
            }
            if (secret == null) {
                secret = tags.value(at, end);
            }
            if (secret == null) {
                secret = byName(at, first, end);
            }
            if (secret == null) {
                secret = SecretPlace.formPart(bytes, at, end, names::isSecret);
            }
            return secret == null || secret.from >= secret.to || !secret.isOfWholeCharacters(bytes) ? null : secret;
        }

        private Span byName(int at, int first, int end) {
            String word = Span.text(bytes, at, end);
            Span content = SecretNames.isElement(word) ? SecretPlace.element(bytes, at, end, true) : null;
            boolean named = content == null && (names.isSecret(word) || names.isSecret(Span.text(bytes, first, end)));
            return named ? withToken(SecretPlace.value(bytes, at, end)) : content;
        }

        /** {@code Authorization=Bearer TOKEN}, as Java prints a map. */
        private Span withToken(Span value) {
            Span token = value == null ? null : SecretShape.credentials(bytes, value.from, value.to);
            return token == null ? value : new Span(value.from, token.to);
        }
    }
}
