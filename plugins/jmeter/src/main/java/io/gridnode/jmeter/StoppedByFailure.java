package io.gridnode.jmeter;

import org.apache.jmeter.samplers.SampleResult;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A user's last sample that has failed and, by what a Result Status Action Handler or a script has set on it, ends its user or the
 * test, as a line in JMeter's log: JMeter itself says only that somebody has. What a thread group does on an error is said by JMeter.
 */
final class StoppedByFailure {
    private static final Logger LOG = LoggerFactory.getLogger(StoppedByFailure.class);

    private StoppedByFailure() {}

    /** At the end of a user, on its thread, of which JMeter knows nothing more by then. */
    static void tell(SampleResult last) {
        String line = last == null ? null : line(last, last.getThreadName());
        if (line != null) {
            LOG.info("{}", line);
        }
    }

    /** {@code A failed sample ends the test: NAME}, or {@code … ends its user: NAME}; null where none does. */
    static String line(SampleResult last, String user) {
        if (last.isSuccessful()) {
            return null;
        }
        if (last.isStopTest() || last.isStopTestNow()) {
            return "A failed sample ends the test: " + user;
        }
        return last.isStopThread() ? "A failed sample ends its user: " + user : null;
    }
}
