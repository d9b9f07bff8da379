package io.gridnode.jmeter;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.jmeter.samplers.SampleResult;
import org.apache.jmeter.util.JMeterUtils;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StoppedByFailureTest {
    @BeforeAll
    static void properties(@TempDir Path dir) throws Exception {
        JMeterUtils.getProperties(Files.writeString(dir.resolve("properties"), "").toString());
    }

    @Test
    void onlyAFailureThatStopsIsSaid() {
        SampleResult result = new SampleResult();
        result.setSuccessful(false);
        assertNull(StoppedByFailure.line(result, "users 1-1"));
        result.setStopThread(true);
        assertEquals("A failed sample ends its user: users 1-1", StoppedByFailure.line(result, "users 1-1"));
        result.setStopTestNow(true);
        assertEquals("A failed sample ends the test: users 1-1", StoppedByFailure.line(result, "users 1-1"));
        result.setSuccessful(true);
        assertNull(StoppedByFailure.line(result, "users 1-1"));
    }
}
