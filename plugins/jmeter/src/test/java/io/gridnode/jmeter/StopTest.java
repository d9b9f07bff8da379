package io.gridnode.jmeter;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.apache.jmeter.engine.StandardJMeterEngine;
import org.apache.jmeter.threads.JMeterContextService;
import org.apache.jmeter.util.JMeterUtils;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** From the agent's file to JMeter's engine, which is one that only says what it is told. */
class StopTest {
    private static final Map<String, String> PROPERTIES = Map.of("gridnode.flood", "7", "gridnode.sump_port", "9");

    @TempDir
    Path dir;

    @Test
    void theFileEndsTheTestGentlyThenAtOnce() throws Exception {
        Path file = dir.resolve("stop");
        Engine engine = new Engine();
        JMeterUtils.getProperties(Files.writeString(dir.resolve("properties"), "").toString());
        PROPERTIES.forEach(JMeterUtils::setProperty);
        JMeterUtils.setProperty("gridnode.stop_file", file.toString());
        GridnodeListener listener = new GridnodeListener();
        listener.testStarted();
        JMeterContextService.getContext().setEngine(engine);
        listener.threadStarted();
        try {
            assertNull(engine.told.poll(300, TimeUnit.MILLISECONDS));
            Files.writeString(file, "finish\n");
            assertEquals("finish", engine.told.poll(10, TimeUnit.SECONDS));
            Files.writeString(file, "now\n");
            assertEquals("now", engine.told.poll(10, TimeUnit.SECONDS));
        } finally {
            listener.testEnded();
            JMeterContextService.getContext().clear();
        }
        assertNull(engine.told.poll(300, TimeUnit.MILLISECONDS));
    }

    private static final class Engine extends StandardJMeterEngine {
        final BlockingQueue<String> told = new LinkedBlockingQueue<>();

        @Override
        public synchronized void stopTest(boolean now) {
            told.add(now ? "now" : "finish");
            // JMeter's own forgets itself just so: another one takes its place in what is static.
            new StandardJMeterEngine();
        }
    }
}
