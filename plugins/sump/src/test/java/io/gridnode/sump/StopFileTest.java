package io.gridnode.sump;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StopFileTest {
    @TempDir
    Path dir;

    @Test
    void theRequestIsWhatTheFileSays() throws IOException {
        Path file = dir.resolve("stop");
        StopFile stop = new StopFile(file);
        assertEquals(StopFile.Request.NONE, stop.look());
        Files.writeString(file, "");
        assertEquals(StopFile.Request.NONE, stop.look());
        Files.writeString(file, "finish\n");
        assertEquals(StopFile.Request.FINISH, stop.look());
        Files.writeString(file, "now\n");
        assertEquals(StopFile.Request.NOW, stop.look());
    }

    @Test
    void anUnknownContentAsksForTheGentleEnd() throws IOException {
        for (String content : new String[] {"x", "now now", "x".repeat(100_000)}) {
            Path file = Files.writeString(dir.resolve("stop"), content);
            assertEquals(StopFile.Request.FINISH, new StopFile(file).look());
        }
    }

    @Test
    void withoutANameNothingIsEverAskedFor() throws IOException {
        assertEquals(StopFile.Request.NONE, new StopFile(null).look());
    }
}
