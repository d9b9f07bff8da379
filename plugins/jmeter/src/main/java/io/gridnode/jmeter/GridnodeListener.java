package io.gridnode.jmeter;

import io.gridnode.sump.Settings;
import io.gridnode.sump.StopFile;
import java.io.File;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.jmeter.engine.util.NoThreadClone;
import org.apache.jmeter.samplers.SampleEvent;
import org.apache.jmeter.samplers.SampleListener;
import org.apache.jmeter.samplers.SampleMonitor;
import org.apache.jmeter.samplers.Sampler;
import org.apache.jmeter.services.FileServer;
import org.apache.jmeter.testelement.AbstractTestElement;
import org.apache.jmeter.testelement.TestStateListener;
import org.apache.jmeter.testelement.ThreadListener;
import org.apache.jmeter.timers.Timer;
import org.apache.jmeter.util.JMeterUtils;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The test element that sends every finished sample to the node's sump, and ends the test when the agent asks for it. It stands
 * as the last child of the test plan, so that it hears every thread group, and what the plan's own listeners have made of a sample.
 *
 * <p>It is shared by all threads ({@link NoThreadClone}); all state of a run is in {@link Run}. In one JVM one element sends:
 * a second one in the same plan would count everything twice and stays silent. With bad settings it stays silent too and logs
 * an error: a customer's plan must not break because of its observer.
 *
 * <p>It is a timer that does not wait, and a monitor, too: so it sees who ends between a sampler's timers and its sample. JMeter
 * ends a user whose pause would go past the end of its time, and says nothing. All other timers are asked before this one.
 */
public class GridnodeListener extends AbstractTestElement
        implements SampleListener, SampleMonitor, Timer, TestStateListener, ThreadListener, NoThreadClone {
    private static final long serialVersionUID = 1L;
    private static final Logger LOG = LoggerFactory.getLogger(GridnodeListener.class);
    private static final AtomicReference<GridnodeListener> ACTIVE = new AtomicReference<>();
    private static final AtomicBoolean BASE_SET = new AtomicBoolean();

    private transient volatile Run run;

    /**
     * JMeter makes the element while it loads the plan, before anything looks for a file: included fragments, variables and
     * scripts come later. The plan that it loads is a copy: what counts to people is where their own plan lies.
     */
    public GridnodeListener() {
        String plan = property("gridnode.plan");
        if (plan != null && BASE_SET.compareAndSet(false, true)) {
            try {
                FileServer.getFileServer().setBaseForScript(new File(plan));
            } catch (RuntimeException e) {
                LOG.warn("files beside {} may not be found: {}", plan, e.getMessage());
            }
        }
    }

    @Override
    public void testStarted() {
        if (!ACTIVE.compareAndSet(null, this)) {
            LOG.warn("a second gridnode listener in this plan stays silent: every sample is sent once");
            return;
        }
        try {
            run = Run.start(
                    Settings.read(GridnodeListener::property, System::getenv),
                    new StopFile(Settings.stopFile(GridnodeListener::property, System::getenv)));
        } catch (IllegalArgumentException | IOException e) {
            ACTIVE.set(null);
            LOG.error("gridnode sends no results: {}", e.getMessage());
        }
    }

    @Override
    public void testStarted(String host) {
        testStarted();
    }

    @Override
    public void testEnded() {
        Run ending = run;
        if (ending != null) {
            run = null;
            ending.end();
            ACTIVE.compareAndSet(this, null);
        }
    }

    @Override
    public void testEnded(String host) {
        testEnded();
    }

    @Override
    public void threadStarted() {
        Run current = run;
        if (current != null) {
            current.threadStarted();
        }
    }

    @Override
    public void threadFinished() {
        Run current = run;
        if (current != null) {
            current.threadFinished();
        }
    }

    @Override
    public long delay() {
        Run current = run;
        if (current != null) {
            current.delaying();
        }
        return 0;
    }

    @Override
    public void sampleStarting(Sampler sampler) {
        Run current = run;
        if (current != null) {
            current.sampling(sampler);
        }
    }

    @Override
    public void sampleEnded(Sampler sampler) {
        // What was sampled comes with sampleOccurred.
    }

    @Override
    public void sampleOccurred(SampleEvent event) {
        Run current = run;
        if (current != null) {
            current.sample(event);
        }
    }

    @Override
    public void sampleStarted(SampleEvent event) {
        // Only the end of a sample counts.
    }

    @Override
    public void sampleStopped(SampleEvent event) {
        // JMeter calls sampleOccurred for every sample.
    }

    private static String property(String name) {
        String value = JMeterUtils.getJMeterProperties() == null ? null : JMeterUtils.getProperty(name);
        return value == null ? System.getProperty(name) : value;
    }
}
