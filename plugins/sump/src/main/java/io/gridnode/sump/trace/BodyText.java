package io.gridnode.sump.trace;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.Charset;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A body as text, where it is one: by its content type, and because its bytes are. */
final class BodyText {
    private static final Pattern CHARSET = Pattern.compile("charset\\s*=\\s*\"?([^\";\\s]+)", Pattern.CASE_INSENSITIVE);
    private static final Pattern BOUNDARY = Pattern.compile("boundary\\s*=\\s*\"?([^\";]+)", Pattern.CASE_INSENSITIVE);
    private static final byte[] BLANK_LINE = Span.utf8("\r\n\r\n");

    private BodyText() {}

    /** Null when it is binary. */
    static String of(Body body, boolean request) {
        String type = body.contentType == null ? "" : body.contentType;
        if (!isText(type)) {
            return null;
        }
        Charset named = named(type);
        String text = decode(named, body.head, 0, body.head.length, body.isCut());
        if (text == null && !named.equals(StandardCharsets.UTF_8)) {
            text = decode(StandardCharsets.UTF_8, body.head, 0, body.head.length, body.isCut());
        }
        return text == null && request ? parts(body, type) : text;
    }

    private static boolean isText(String contentType) {
        String type = contentType.toLowerCase(Locale.ROOT).split(";", 2)[0].trim();
        return type.isEmpty()
                || type.startsWith("text/")
                || type.startsWith("multipart/")
                || type.contains("json")
                || type.contains("xml")
                || type.contains("javascript")
                || type.endsWith("form-urlencoded");
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
