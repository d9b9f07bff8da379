package io.gridnode.sump.trace;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.Charset;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A body as text, where it is one: by its content type, and because its bytes are. */
final class BodyText {
    private static final Pattern CHARSET = Pattern.compile("charset\\s*=\\s*\"?([^\";\\s]+)", Pattern.CASE_INSENSITIVE);
    private static final Pattern BOUNDARY = Pattern.compile("boundary\\s*=\\s*\"?([^\";]+)", Pattern.CASE_INSENSITIVE);
    /** Kinds of content that have no secrets in plain sight. */
    private static final List<String> MEDIA = List.of(
            "image/", "font/", "audio/", "video/", "application/pdf", "application/zip", "application/font");
    /** What begins a PDF, which may have nothing but text in it. */
    private static final String PDF_KIND = "application/pdf";
    private static final byte[] PDF_MARK = Span.utf8("%PDF-");
    /** What begins a body that is compressed. */
    private static final byte[][] COMPRESSED = {{0x1f, (byte) 0x8b}, {0x28, (byte) 0xb5, 0x2f, (byte) 0xfd}};
    private static final byte[] BLANK_LINE = Span.utf8("\r\n\r\n");

    /** Words in kinds of content that are text. */
    private static final List<String> TEXT_WORDS = List.of(
            "json", "xml", "javascript", "ecmascript", "graphql", "yaml", "csv", "x-www-form", "form-urlencoded");
    /** At the beginning of a body they tell whether it is UTF-16; and those of the shortest. */
    private static final int WIDE_BYTES = 256;
    private static final int WIDE_BYTES_MIN = 4;
    /** Of the places where one byte in two is, in percent: so many are as they are in most languages that are written in Latin. */
    private static final int WIDE_PERCENT = 90;
    private static final byte[][] BOMS = {{(byte) 0xFF, (byte) 0xFE}, {(byte) 0xFE, (byte) 0xFF}};
    private static final char BOM = '\uFEFF';

    private static final String CONTROLS = "\t\n\r\f";

    private BodyText() {}

    /** Null when it is binary. */
    static String of(Body body, boolean request) {
        String type = body.contentType == null ? "" : body.contentType;
        String wide = wide(body.head, kind(type));
        if (wide == null && isMedia(kind(type)) && !isText(type)) {
            return readable(body, kind(type));
        }
        if (wide != null || !isText(type)) {
            return wide;
        }
        Charset named = named(type);
        String text = decode(named, body.head, 0, body.head.length, body.isCut());
        if (text == null && !named.equals(StandardCharsets.UTF_8)) {
            text = decode(StandardCharsets.UTF_8, body.head, 0, body.head.length, body.isCut());
        }
        text = text == null && request ? parts(body, type) : text;
        // What says that it is text is shown as such, whatever is broken in it: only there secrets are found.
        return text == null && (!kind(type).isEmpty() || looksLikeText(body.head)) ? latin(body) : text;
    }

    /**
     * What says that it is a picture or the like, and can be read: an error's text under the type of what was asked for, whose
     * secrets are in plain sight; or null. No picture, font, sound or archive is UTF-8 without control characters.
     */
    private static String readable(Body body, String kind) {
        boolean pdf = kind.startsWith(PDF_KIND) && Span.startsWith(body.head, 0, PDF_MARK);
        boolean readable = body.head.length > 0 && !pdf && looksLikeText(body.head);
        return readable ? decode(StandardCharsets.UTF_8, body.head, 0, body.head.length, body.isCut()) : null;
    }

    /** Whether it may be shown though it is no text: as long as no secret can be seen in it. */
    static boolean isHarmless(Body body, Redactor redactor) {
        return isMedia(kind(body.contentType == null ? "" : body.contentType))
                || Span.first(body.head, 0, COMPRESSED) == null && !redactor.mayBeIn(latin(body));
    }

    private static String latin(Body body) {
        return new String(body.head, StandardCharsets.ISO_8859_1);
    }

    private static boolean isMedia(String kind) {
        return MEDIA.stream().anyMatch(kind::startsWith);
    }

    private static boolean looksLikeText(byte[] bytes) {
        int at = 0;
        while (at < bytes.length && isOfText(bytes[at])) {
            at++;
        }
        return at == bytes.length;
    }

    private static boolean isOfText(byte b) {
        return b < 0 || b >= ' ' && b < 0x7F || CONTROLS.indexOf(b) >= 0;
    }

    /**
     * As UTF-16, where it looks like that, or says so in its first character; or null. Whatever its type is: between zeros no
     * secret is found.
     */
    private static String wide(byte[] bytes, String kind) {
        boolean text = !kind.isEmpty() && isText(kind);
        if (!text && isMedia(kind)) {
            return null;
        }
        Charset charset = null;
        if (text && Span.startsWith(bytes, 0, BOMS[0]) || isWide(bytes, 0)) {
            charset = StandardCharsets.UTF_16LE;
        } else if (text && Span.startsWith(bytes, 0, BOMS[1]) || isWide(bytes, 1)) {
            charset = StandardCharsets.UTF_16BE;
        }
        if (charset == null) {
            return null;
        }
        // A cut may have taken half of the last character.
        String shown = new String(bytes, 0, bytes.length / 2 * 2, charset);
        return !shown.isEmpty() && shown.charAt(0) == BOM ? shown.substring(1) : shown;
    }

    /** Whether the bytes at even places, or those at odd ones, are of text, and the others zeros. */
    private static boolean isWide(byte[] bytes, int place) {
        int pairs = Math.min(bytes.length, WIDE_BYTES) / 2;
        int letters = 0;
        int zeros = 0;
        for (int at = 0; at < 2 * pairs; at += 2) {
            letters += isOfText(bytes[at + place]) ? 1 : 0;
            zeros += bytes[at + 1 - place] == 0 ? 1 : 0;
        }
        return bytes.length >= WIDE_BYTES_MIN && Math.min(letters, zeros) * 100 >= pairs * WIDE_PERCENT;
    }

    private static String kind(String contentType) {
        return contentType.toLowerCase(Locale.ROOT).split(";", 2)[0].trim();
    }

    private static boolean isText(String contentType) {
        String type = kind(contentType);
        return type.isEmpty()
                || type.startsWith("text/")
                || type.startsWith("multipart/")
                || TEXT_WORDS.stream().anyMatch(type::contains);
    }

    private static Charset named(String contentType) {
        Matcher name = CHARSET.matcher(contentType);
        try {
            return name.find() ? Charset.forName(name.group(1)) : StandardCharsets.UTF_8;
        } catch (IllegalArgumentException e) {
            return StandardCharsets.UTF_8;
        }
    }

    /** Null when it is none; of a text that is cut the last character may be left out. */
    private static String decode(Charset charset, byte[] bytes, int from, int to, boolean cut) {
        var decoder = charset.newDecoder()
                .onMalformedInput(CodingErrorAction.REPORT)
                .onUnmappableCharacter(CodingErrorAction.REPORT);
        CharBuffer text = CharBuffer.allocate((int) Math.ceil((to - from) * (double) decoder.maxCharsPerByte()) + 1);
        var result = decoder.decode(ByteBuffer.wrap(bytes, from, to - from), text, !cut);
        return result.isError() ? null : text.flip().toString();
    }

    /** A form with files in it: what is no text is its size. */
    private static String parts(Body body, String contentType) {
        Matcher boundary = BOUNDARY.matcher(contentType);
        if (!contentType.toLowerCase(Locale.ROOT).startsWith("multipart/") || !boundary.find()) {
            return null;
        }
        byte[] end = Span.utf8("\r\n--" + boundary.group(1).trim());
        byte[] head = body.head;
        StringBuilder text = new StringBuilder();
        int at = 0;
        while (at < head.length) {
            int next = Span.find(head, at, head.length, end);
            int to = next < 0 ? head.length : next;
            boolean cut = next < 0 && body.isCut();
            int blank = Span.find(head, at, to, BLANK_LINE);
            int content = blank < 0 ? at : blank + BLANK_LINE.length;
            text.append(new String(head, at, content - at, StandardCharsets.ISO_8859_1));
            String part = decode(StandardCharsets.UTF_8, head, content, to, cut);
            long bytes = to - content + (cut ? body.total - head.length : 0);
            text.append(part == null ? "‹" + bytes + " bytes›" : part);
            if (next >= 0) {
                text.append(new String(end, StandardCharsets.ISO_8859_1));
            }
            at = next < 0 ? head.length : next + end.length;
        }
        return text.toString();
    }
}
