package io.gridnode.sump.trace;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/** Where traces are written: under another name first, so that nobody reads half of one. */
final class TraceFiles {
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
        write("suppressed", rest);
    }

    private void write(String what, byte[] content) throws IOException {
        String name = "trace-" + source + "-" + what;
        Path temporary = dir.resolve(name + ".tmp");
        try {
            Files.write(temporary, content, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
            Files.move(temporary, dir.resolve(name + ".json"), StandardCopyOption.ATOMIC_MOVE);
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
