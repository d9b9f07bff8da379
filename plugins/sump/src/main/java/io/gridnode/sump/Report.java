package io.gridnode.sump;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Tells the agent in sentences what happened inside the tool: one JSON object a line, appended with one write to the file
 * that {@code GRIDNODE_REPORT_FILE} names.
 *
 * <p>Thread safe, and it never throws: without a file, or with one that cannot be written, the sentence goes to standard
 * error. At most {@value #LINES_MAX} lines of information and warning are written; the others, which judge the run, always are.
 *
 * <pre>{"level":"info"|"warning"|"cut_short"|"fatal","text":"…"}</pre>
 */
public final class Report implements Log {
    /** Newline included. */
    static final int LINE_BYTES_MAX = 4_096;
    /** Enough for everything that is worth reading; a fault that repeats itself must not fill a disk. */
    static final int LINES_MAX = 200;

    private final Path file;
    private int lines;

    /** @param file to append to, or null: standard error then gets warnings and fatal ones */
    public Report(Path file) {
        this.file = file;
    }

    @Override
    public void info(String text) {
        append("info", text);
    }

    @Override
    public void warn(String text) {
        append("warning", text);
    }

    /** The tool ended before its plan did: the reason of failure, unless the agent has asked for the end. */
    public void cutShort(String text) {
        append("cut_short", text);
    }

    /** The run is worth nothing: the first of these becomes its reason of failure. */
    public void fatal(String text) {
        append("fatal", text);
    }

    private synchronized void append(String level, String text) {
        boolean judges = level.equals("fatal") || level.equals("cut_short");
        if (lines >= LINES_MAX && !judges) {
            return;
        }
        lines++;
        boolean last = lines == LINES_MAX && !judges;
        if (file == null) {
            if (!level.equals("info")) {
                System.err.println("gridnode: " + level + ": " + text);
            }
            return;
        }
        try {
            write(line(level, text));
            if (last) {
                write(line("warning", "there was more to report than " + LINES_MAX + " lines; the rest is left out"));
            }
        } catch (IOException | RuntimeException e) {
            System.err.println("gridnode: failed to write " + file + ": " + e + "; it should have said: " + text);
        }
    }

    private void write(byte[] line) throws IOException {
        Files.write(file, line, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    /** Cut at a character so that it fits. */
    static byte[] line(String level, String text) {
        StringBuilder json = new StringBuilder("{\"level\":\"").append(level).append("\",\"text\":\"");
        int left = LINE_BYTES_MAX - json.length() - "…\"}\n".getBytes(StandardCharsets.UTF_8).length;
        for (int i = 0; i < text.length();) {
            int c = text.codePointAt(i);
            String escaped = escape(c);
            left -= escaped.getBytes(StandardCharsets.UTF_8).length;
            if (left < 0) {
                json.append('…');
                break;
            }
            json.append(escaped);
            i += Character.charCount(c);
        }
        return json.append("\"}\n").toString().getBytes(StandardCharsets.UTF_8);
    }

    private static String escape(int c) {
        if (c == '"' || c == '\\') {
            return "\\" + (char) c;
        }
        if (c == '\n') {
            return "\\n";
        }
        if (c < ' ' || c == 0x7F || c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE) {
            return String.format("\\u%04x", c);
        }
        return Character.toString(c);
    }
}
