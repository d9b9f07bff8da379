package io.gridnode.sump.trace;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/** Where traces are written: under another name first, so that nobody reads half of one. */
final class TraceFiles {
    private static final String FINISHED = ".json";
    private static final String PENDING = ".pending";

    private final Path dir;
    private final String source;
    private long number;

    /** @param source unique, as in {@link io.gridnode.sump.Source#name} */
    TraceFiles(Path dir, String source) {
        this.dir = dir;
        this.source = source;
    }

    void write(byte[] trace) throws IOException {
        write(Long.toString(number++), trace);
    }

    void writeSuppressed(byte[] rest) throws IOException {
        writePending(rest);
        // One file at any time: what was told is not told again.
        Files.move(path("suppressed", PENDING), path("suppressed", FINISHED), StandardCopyOption.ATOMIC_MOVE);
    }

    /** Replaces what was written so before. Nobody takes it while the tool runs; it is what a tool that is killed leaves. */
    void writePending(byte[] rest) throws IOException {
        write("suppressed", PENDING, rest);
    }

    private void write(String what, byte[] content) throws IOException {
        write(what, FINISHED, content);
    }

    private Path path(String what, String end) {
        return dir.resolve("trace-" + source + "-" + what + end);
    }

    private void write(String what, String end, byte[] content) throws IOException {
        Path temporary = path(what, ".tmp");
        try {
            Files.write(temporary, content, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
            Files.move(temporary, path(what, end), StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            try {
                Files.deleteIfExists(temporary);
            } catch (IOException again) {
                e.addSuppressed(again);
            }
            throw e;
        }
    }
}
