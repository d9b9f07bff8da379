package io.gridnode.sump;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StopWatchTest {
    /** Several looks. */
    private static final long QUIET_MS = 350;

    @TempDir
    Path dir;

    private final BlockingQueue<String> heard = new LinkedBlockingQueue<>();
    private final BlockingQueue<String> warnings = new LinkedBlockingQueue<>();
    private volatile int refusals;
    private StopWatch watch;

    @BeforeEach
    void start() {
        watch = new StopWatch(new StopFile(dir.resolve("stop")), new Recording(), new Warnings());
        watch.start();
    }

    @AfterEach
    void end() {
        watch.end();
    }

    @Test
    void everyRequestIsPassedOnOnceAndMayGrowStronger() throws Exception {
        assertNull(heard.poll(QUIET_MS, TimeUnit.MILLISECONDS));
        ask("finish\n");
        assertEquals("finish", next());
        assertNull(heard.poll(QUIET_MS, TimeUnit.MILLISECONDS));
        ask("now\n");
        assertEquals("now", next());
        assertNull(heard.poll(QUIET_MS, TimeUnit.MILLISECONDS));
    }

    @Test
    void whatCannotBeDoneYetIsAskedAgain() throws Exception {
        refusals = 2;
        ask("finish\n");
        assertEquals("not yet", next());
        assertEquals("not yet", next());
        assertEquals("finish", next());
    }

    @Test
    void aFailureIsSaidOnceAndALaterRequestHeard() throws Exception {
        refusals = -1;
        ask("finish\n");
        assertEquals("failed", next());
        assertEquals("failed", next());
        refusals = 0;
        ask("now\n");
        String last = next();
        assertEquals("now", last.equals("now") ? last : next());
        assertEquals(1, warnings.size());
    }

    @Test
    void afterItsEndNothingIsHeard() throws Exception {
        watch.end();
        ask("now\n");
        assertNull(heard.poll(QUIET_MS, TimeUnit.MILLISECONDS));
    }

    /** As the agent does: whole or not at all. */
    private void ask(String request) throws IOException {
        Path unfinished = Files.writeString(dir.resolve("stop.new"), request);
        Files.move(unfinished, dir.resolve("stop"), java.nio.file.StandardCopyOption.ATOMIC_MOVE);
    }

    private String next() throws InterruptedException {
        return heard.poll(10, TimeUnit.SECONDS);
    }

    private final class Recording implements StopWatch.Tool {
        @Override
        public boolean finish() {
            if (refusals < 0) {
                heard.add("failed");
                throw new NoSuchMethodError("stop");
            }
            boolean isDone = refusals == 0;
            if (!isDone) {
                refusals--;
            }
            heard.add(isDone ? "finish" : "not yet");
            return isDone;
        }

        @Override
        public void stopNow() {
            heard.add("now");
        }
    }

    private final class Warnings implements Log {
        @Override
        public void info(String text) {}

        @Override
        public void warn(String text) {
            warnings.add(text);
        }
    }
}
