package io.gridnode.gatling;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gridnode.sump.Report;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CrashesTest {
    @TempDir
    Path dir;

    @Test
    void eachTextIsSaidOnceAndAllAreCounted() throws IOException {
        Path file = dir.resolve("report");
        Crashes crashes = new Crashes(new Report(file));
        for (int i = 0; i < 5; i++) {
            crashes.add("checkout / pay", "no attribute 'x'");
            crashes.add("home", "no attribute 'x'");
        }
        crashes.summarize();
        List<String> lines = Files.readAllLines(file);
        assertEquals(4, lines.size());
        assertTrue(lines.get(0).contains("checkout / pay: no attribute 'x'"), lines.get(0));
        assertEquals("{\"level\":\"unsent\",\"label\":\"checkout / pay\",\"count\":5,\"text\":\"no attribute 'x'\"}", lines.get(2));
        assertTrue(lines.get(3).contains("\"label\":\"home\",\"count\":5,"), lines.get(3));
    }

    @Test
    void labelsWithoutEndAreBoundedAndLoseNoCount() throws IOException {
        Path file = dir.resolve("report");
        Crashes crashes = new Crashes(new Report(file));
        for (int i = 0; i < 1_000; i++) {
            crashes.add("page " + i, "no");
        }
        crashes.summarize();
        List<String> lines = Files.readAllLines(file);
        assertEquals(Crashes.TEXTS_MAX + Crashes.LABELS_MAX + 1, lines.size());
        assertEquals("{\"level\":\"unsent\",\"count\":980,\"text\":\"no\"}", lines.get(lines.size() - 1));
    }

    @Test
    void textsThatAreNeverTheSameAreBounded() throws IOException {
        Path file = dir.resolve("report");
        Crashes crashes = new Crashes(new Report(file));
        for (int i = 0; i < 1_000; i++) {
            crashes.add("home", "number " + i + "x".repeat(10_000));
        }
        assertEquals(Crashes.TEXTS_MAX, Files.readAllLines(file).size());
        assertTrue(Files.size(file) < Crashes.TEXTS_MAX * 1_000L);
    }

    @Test
    void noCrashIsNotWorthASentence() {
        Path file = dir.resolve("report");
        new Crashes(new Report(file)).summarize();
        assertFalse(Files.exists(file));
    }
}
