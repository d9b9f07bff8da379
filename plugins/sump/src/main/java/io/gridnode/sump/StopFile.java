package io.gridnode.sump;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * The agent's request to end a run: a file under the name in {@code GRIDNODE_STOP_FILE}. Its content is {@code finish}
 * (let what is under way end, then stop) or {@code now}; it may change from the first to the second. As long as it is
 * absent or empty nothing is asked for.
 */
public final class StopFile {
    private static final int CONTENT_BYTES_MAX = 16;

    /** What the agent asks for. */
    public enum Request {
        /** Nothing: run on. */
        NONE,
        /** End gracefully. */
        FINISH,
        /** End at once. */
        NOW
    }

    private final Path file;

    /** @param file to look for, or null: nothing is ever asked for */
    public StopFile(Path file) {
        this.file = file;
    }

    /**
     * Looks once. A file that says neither is read as the gentle request: somebody wants an end.
     *
     * @throws IOException when the file is there and cannot be read
     */
    public Request look() throws IOException {
        if (file == null || !Files.exists(file)) {
            return Request.NONE;
        }
        try (InputStream in = Files.newInputStream(file)) {
            String content = new String(in.readNBytes(CONTENT_BYTES_MAX), StandardCharsets.UTF_8).trim();
            if (content.isEmpty()) {
                return Request.NONE;
            }
            return content.equals("now") ? Request.NOW : Request.FINISH;
        } catch (NoSuchFileException e) {
            return Request.NONE;
        }
    }
}
