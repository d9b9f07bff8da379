package io.gridnode.jmeter;

import io.gridnode.sump.StopWatch;
import org.apache.jmeter.engine.StandardJMeterEngine;
import org.apache.jmeter.threads.JMeterContextService;

/**
 * Ends a test as the agent asks: what JMeter's own messages Shutdown and StopTestNow do, without a port to which anybody can send
 * them.
 *
 * <p>JMeter's static methods forget the engine that they have told once: to be told again, it has to be known.
 */
final class Stop implements StopWatch.Tool {
    private volatile StandardJMeterEngine engine;

    /** Called on a thread of the test: these know their engine. */
    void threadStarted() {
        if (engine == null) {
            engine = JMeterContextService.getContext().getEngine();
        }
    }

    @Override
    public boolean finish() {
        StandardJMeterEngine known = engine;
        if (known == null) {
            // No thread is under way yet, so this is all that has to be said.
            StandardJMeterEngine.stopEngine();
        } else {
            known.stopTest(false);
        }
        return true;
    }

    @Override
    public void stopNow() {
        StandardJMeterEngine known = engine;
        if (known == null) {
            StandardJMeterEngine.stopEngineNow();
        } else {
            known.stopTest(true);
        }
    }
}
