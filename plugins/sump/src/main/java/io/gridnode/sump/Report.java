package io.gridnode.sump;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
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
 *
 * Some remarks have a name and numbers beside their text; the agent makes the sentence of those.
 *
 * <pre>{"level":"unsent","label":"…","count":3,"text":"…"}
 * {"level":"ended_itself","count":1,"ran_s":2,"text":"…"}
 * {"level":"left_early","count":3,"of":9,"text":""}
 * {"level":"not_begun","text":"…"}
 * {"level":"exited_after","count":2,"text":"…"}</pre>
 */
public final class Report implements Log {
    /** Newline included. */
    static final int LINE_BYTES_MAX = 4_096;
    /** Enough for everything that is worth reading; a fault that repeats itself must not fill a disk. */
    static final int LINES_MAX = 200;

    private static final int LABEL_BYTES_MAX = 1_024;

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

    /**
     * Requests that were never sent.
     *
     * @param label theirs, or null for all others together
     * @param first why the first of them was not
     */
    public void unsent(String label, long count, String first) {
        append("unsent", (label == null ? "" : field("label", label)) + "\"count\":" + count + ",", first);
    }

    /**
     * The plan has told the tool to end the load.
     *
     * @param by how it is called that the plan has done
     * @param users how many had started then
     * @param ranS since the load began
     */
    public void endedItself(String by, String why, long users, long ranS) {
        append("ended_itself", field("label", by) + "\"count\":" + users + ",\"ran_s\":" + ranS + ",", why);
    }

    /** Users that the plan has sent home before the end of their way, of all that had started. */
    public void leftEarly(long users, long started) {
        append("left_early", "\"count\":" + users + ",\"of\":" + started + ",", "");
    }

    /** The tool has ended and no load has begun. */
    public void notBegun(String text) {
        append("not_begun", text);
    }

    /**
     * The plan has ended the tool itself when its load was over.
     *
     * @param assertions of the plan, which nobody has judged
     * @param by the call that did it
     */
    public void exitedAfter(int assertions, String by) {
        append("exited_after", "\"count\":" + assertions + ",", by);
    }

    private void append(String level, String text) {
        append(level, "", text);
    }

    /** @param fields more of the object, each with a comma behind it */
    private synchronized void append(String level, String fields, String text) {
        boolean judges = !level.equals("info") && !level.equals("warning");
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
            write(line(level, fields, text));
            if (last) {
                write(line("warning", "", "there was more to report than " + LINES_MAX + " lines; the rest is left out"));
            }
        } catch (IOException | RuntimeException e) {
            System.err.println("gridnode: failed to write " + file + ": " + e + "; it should have said: " + text);
        }
    }

    /** A plan may have put a pipe there, which would wait for a reader for ever. */
    private void write(byte[] line) throws IOException {
        if (Files.exists(file, LinkOption.NOFOLLOW_LINKS) && !Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
            throw new IOException("it is not a regular file");
        }
        Files.write(file, line, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    /** Cut at a character so that it fits. */
    static byte[] line(String level, String fields, String text) {
        StringBuilder json = new StringBuilder("{\"level\":\"").append(level).append("\",").append(fields).append("\"text\":\"");
        int begun = json.toString().getBytes(StandardCharsets.UTF_8).length;
        appendEscaped(json, text, LINE_BYTES_MAX - begun - "…\"}\n".getBytes(StandardCharsets.UTF_8).length);
        return json.append("\"}\n").toString().getBytes(StandardCharsets.UTF_8);
    }

    private static String field(String name, String text) {
        StringBuilder json = new StringBuilder("\"").append(name).append("\":\"");
        appendEscaped(json, text, LABEL_BYTES_MAX);
        return json.append("\",").toString();
    }

    private static void appendEscaped(StringBuilder json, String text, int bytesMax) {
        int left = bytesMax;
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
