package io.gridnode.sump;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class ReportTest {
    @TempDir
    Path dir;

    @Test
    void eachSentenceIsOneLineOfJson() throws IOException {
        Path file = dir.resolve("report");
        Report report = new Report(file);
        report.info("it \"works\" \\ é 漢");
        report.warn("two\nlines\u0000\u007F");
        report.cutShort("early");
        report.fatal("gone");
        assertEquals(
                List.of(
                        "{\"level\":\"info\",\"text\":\"it \\\"works\\\" \\\\ é 漢\"}",
                        "{\"level\":\"warning\",\"text\":\"two\\nlines\\u0000\\u007f\"}",
                        "{\"level\":\"cut_short\",\"text\":\"early\"}",
                        "{\"level\":\"fatal\",\"text\":\"gone\"}"),
                Files.readAllLines(file));
    }

    @Test
    @Timeout(20)
    void aPipeInItsPlaceIsNotWaitedFor() throws IOException, InterruptedException {
        Path pipe = dir.resolve("pipe");
        assertEquals(0, new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor());
        new Report(pipe).warn("nobody reads this");
    }

    @Test
    void aLongTextIsCutAtACharacterToTheLargestLine() {
        for (String text : new String[] {"x".repeat(5_000), "漢".repeat(5_000), "\n".repeat(5_000), "\uD83D\uDE00".repeat(5_000)}) {
            byte[] line = Report.line("warning", "", text);
            assertTrue(line.length <= Report.LINE_BYTES_MAX && line.length > Report.LINE_BYTES_MAX - 5, "" + line.length);
            assertTrue(new String(line, StandardCharsets.UTF_8).endsWith("…\"}\n"));
        }
    }

    @Test
    void aFaultThatRepeatsItselfFillsNoDiskAndHidesNoEnd() throws IOException {
        Path file = dir.resolve("report");
        Report report = new Report(file);
        for (int i = 0; i < 1_000; i++) {
            report.warn("again");
        }
        report.fatal("gone");
        List<String> lines = Files.readAllLines(file);
        assertEquals(Report.LINES_MAX + 2, lines.size());
        assertTrue(lines.get(Report.LINES_MAX).contains("left out"));
        assertTrue(lines.get(Report.LINES_MAX + 1).contains("gone"));
    }

    @Test
    void aFileThatCannotBeWrittenIsNoReasonToThrow() {
        new Report(dir.resolve("missing").resolve("report")).fatal("nobody reads this");
        new Report(null).fatal("nobody reads this");
    }
}
