package io.gridnode.sump.trace;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Codes that a page posts for a browser to an application, {@code <input name="code" value="abc"><input name="state" …>}; and what
 * a test prints below a comparison that failed. Those of a text.
 */
final class SecretPosted {
    private static final String TAG = "<input";
    private static final int TAG_BYTES_MAX = 4_352;
    private static final Pattern CODE = Pattern.compile("(?i)[ \t\r\n]name=[\"']?code[\"' \t\r\n]");
    private static final Pattern VALUE = Pattern.compile("(?i)[ \t\r\n]value=[\"']?([0-9A-Za-z._~/+=\\-]{16,}+)");
    private static final Pattern STATE = Pattern.compile("(?i)name=[\"']?(?:state|session_state|iss|id_token)[\"' >]");
    /** How far the other field is. */
    private static final int BESIDE_BYTES_MAX = 2_048;
    /** {@code assert token == found}, and lines with marks and values below it. */
    private static final Pattern ASSERT = Pattern.compile("[ \t]{0,64}+assert[ \t]([^\r\n]{1,256}+)");
    private static final int ASSERT_BYTES_MAX = 64 + 6 + 1 + 256 + 1;
    private static final Pattern LINE = Pattern.compile("[ \t|]{0,512}+(?:([\"'])([^\r\n]{0,4096})\\1)?[ \t]{0,64}");
    private static final int MARKS_BYTES_MAX = 512;
    private static final int LINE_BYTES_MAX = MARKS_BYTES_MAX + 4_096 + 64;
    private static final int LINES_MAX = 16;

    final List<Span> secrets = new ArrayList<>(0);

    private final byte[] bytes;

    SecretPosted(byte[] bytes, SecretNames names) {
        this.bytes = bytes;
        if (STATE.matcher(SecretScript.head(bytes, 0, bytes.length)).find()) {
            codes();
        }
        for (int at = 0; at < bytes.length; at = Span.until(bytes, at, "\n") + 1) {
            asserted(at, names);
        }
    }

    private void codes() {
        int at = Span.until(bytes, 0, "<");
        while (at < bytes.length) {
            int start = at + TAG.length();
            int next = Span.at(bytes, start);
            boolean tag = next > 0 && " \t\r\n".indexOf(next) >= 0
                    && SecretScript.head(bytes, at, TAG.length()).equalsIgnoreCase(TAG);
            int to = tag ? Span.until(bytes, start, Math.min(bytes.length, start + TAG_BYTES_MAX), "<>") : at + 1;
            if (tag) {
                code(at, start, to);
            }
            at = Span.until(bytes, to, "<");
        }
    }

    private void code(int tag, int start, int to) {
        String attributes = SecretScript.head(bytes, start, to - start);
        Matcher value = VALUE.matcher(attributes);
        if (!CODE.matcher(attributes).find() || !value.find()) {
            return;
        }
        boolean token = value.group(1).chars().anyMatch(SecretPlace::isLetter) && value.group(1).chars().anyMatch(Span::isDigit);
        int from = Math.max(0, tag - BESIDE_BYTES_MAX);
        if (token && STATE.matcher(SecretScript.head(bytes, from, to + BESIDE_BYTES_MAX - from)).find()) {
            secrets.add(new Span(start + value.start(1), start + value.end(1)));
        }
    }

    /** The strings below a comparison of what has a secret's name, should its line begin there. */
    private void asserted(int line, SecretNames names) {
        int first = Span.skip(bytes, line, " \t");
        if (Span.at(bytes, first) != 'a') {
            return;
        }
        Matcher found = ASSERT.matcher(SecretScript.head(bytes, line, ASSERT_BYTES_MAX));
        if (!found.lookingAt() || found.group(1).indexOf("==") < 0) {
            return;
        }
        int next = lineAfter(line + found.end());
        if (next > 0 && SecretTags.isLabel(bytes, new Span(line + found.start(1), line + found.end(1)), names)) {
            below(next);
        }
    }

    private void below(int start) {
        int at = start;
        for (int count = 0; count < LINES_MAX && at > 0 && isIndented(at); count++) {
            int end = Span.until(bytes, at, Math.min(bytes.length, at + LINE_BYTES_MAX), "\r\n");
            int first = Span.skip(bytes, at, " \t|");
            int mark = first < end && first <= at + MARKS_BYTES_MAX ? bytes[first] : 0;
            if (mark == '"' || mark == '\'') {
                Matcher line = LINE.matcher(SecretScript.head(bytes, at, end - at));
                if (!line.matches()) {
                    return;
                }
                secrets.add(new Span(at + line.start(2), at + line.end(2)));
            }
            at = lineAfter(end);
        }
    }

    private boolean isIndented(int at) {
        int first = Span.at(bytes, at);
        return first > 0 && " \t|\"'".indexOf(first) >= 0;
    }

    /** Where the line after the one begins that ends there, or -1. */
    private int lineAfter(int end) {
        int mark = Span.at(bytes, end) == '\r' ? end + 1 : end;
        return Span.at(bytes, mark) == '\n' ? mark + 1 : -1;
    }
}
