package io.gridnode.jmeter;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.jmeter.control.LoopController;
import org.apache.jmeter.engine.util.CompoundVariable;
import org.apache.jmeter.samplers.AbstractSampler;
import org.apache.jmeter.samplers.Entry;
import org.apache.jmeter.samplers.SampleMonitor;
import org.apache.jmeter.samplers.SampleResult;
import org.apache.jmeter.samplers.Sampler;
import org.apache.jmeter.testelement.AbstractTestElement;
import org.apache.jmeter.testelement.TestElement;
import org.apache.jmeter.testelement.ThreadListener;
import org.apache.jmeter.testelement.property.FunctionProperty;
import org.apache.jmeter.threads.JMeterContextService;
import org.apache.jmeter.threads.JMeterThread;
import org.apache.jmeter.threads.ListenerNotifier;
import org.apache.jmeter.threads.ThreadGroup;
import org.apache.jmeter.timers.Timer;
import org.apache.jmeter.util.JMeterUtils;
import org.apache.jorphan.collections.ListedHashTree;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** On JMeter's own threads. */
class JumpsTest {
    private static final String IN_PAUSE = "Not reached in time by 1 users, 1 of them in a pause: ";

    @BeforeAll
    static void properties(@TempDir Path dir) throws Exception {
        JMeterUtils.getProperties(Files.writeString(dir.resolve("properties"), "").toString());
    }

    @Test
    void aNameIsComputedByJMeterAlone() {
        Plan plan = new Plan();
        plan.loops = 2;
        Computed name = new Computed();
        run(plan, computed(new Call(plan, "counted"), name));
        assertEquals(List.of("n 1", "n 2"), plan.sampled);
        assertEquals(List.of(), plan.jumps.told());
    }

    @Test
    void aComputedNameThatNobodyCameToIsToldAsItIsWritten() {
        Plan plan = new Plan();
        plan.longAt = 2;
        Computed name = new Computed();
        run(plan, new Call(plan, "home"), computed(new Call(plan, "counted"), name));
        assertEquals(List.of(IN_PAUSE + "n ${__counter(FALSE,)}"), plan.jumps.told());
        assertEquals(0, name.times);
    }

    @Test
    void whatComesBehindAPauseThatDoesNotEndInTimeIsTold() {
        Plan plan = new Plan();
        plan.longAt = 2;
        run(plan, new Call(plan, "home"), new Call(plan, "buy"), new Call(plan, "pay"));
        assertEquals(List.of(IN_PAUSE + "buy", IN_PAUSE + "pay"), plan.jumps.told());
    }

    @Test
    void whatAnotherUserHasSentIsNot() {
        Plan plan = new Plan();
        plan.longAt = 2;
        run(plan, new Call(plan, "home"), new Call(plan, "buy"));
        plan.longAt = 0;
        run(plan, new Call(plan, "buy"));
        assertEquals(List.of(), plan.jumps.told());
    }

    @Test
    void whatAWholeIterationHasPassedIsNot() {
        Plan plan = new Plan();
        plan.loops = 2;
        plan.longAt = 3;
        run(plan, new Call(plan, "home"), new Call(plan, "buy"));
        assertEquals(List.of("home", "buy"), plan.sampled);
        assertEquals(List.of(), plan.jumps.told());
    }

    @Test
    void aSampleThatOutlastsTheTimeLeavesTheNextOneOutToo() {
        Plan plan = new Plan();
        plan.lengthMs = 300;
        plan.sampleMs = 600;
        run(plan, new Call(plan, "home"), new Call(plan, "buy"));
        assertEquals(List.of("Not reached in time by 1 users, 0 of them in a pause: buy"), plan.jumps.told());
    }

    @Test
    void whoStopsForAnotherReasonLeavesNothingOutForTheTimesSake() {
        Plan plan = new Plan();
        plan.stopsInSample = true;
        run(plan, new Call(plan, "home"), new Call(plan, "buy"));
        assertEquals(List.of("home"), plan.sampled);
        assertEquals(List.of(), plan.jumps.told());
    }

    private static Call computed(Call call, Computed name) {
        call.setProperty(new FunctionProperty(TestElement.NAME, name));
        return call;
    }

    /** Computes another value each time, as a counter does. */
    private static final class Computed extends CompoundVariable {
        int times;

        @Override
        public String execute() {
            times++;
            return "n " + times;
        }

        @Override
        public String getRawParameters() {
            return "n ${__counter(FALSE,)}";
        }
    }

    private static void run(Plan plan, Call... calls) {
        LoopController main = new LoopController();
        main.setLoops(plan.loops);
        main.setContinueForever(false);
        ThreadGroup group = new ThreadGroup();
        group.setName("users");
        group.setSamplerController(main);
        ListedHashTree tree = new ListedHashTree();
        ListedHashTree below = tree.add(group);
        for (Call call : calls) {
            call.setRunningVersion(true);
            below.add(call);
        }
        below.add(plan);
        JMeterThread thread = new JMeterThread(tree, ended -> { }, new ListenerNotifier());
        thread.setThreadName("users 1-1");
        thread.setThreadGroup(group);
        long now = System.currentTimeMillis();
        thread.setScheduled(true);
        thread.setStartTime(now);
        thread.setEndTime(now + plan.lengthMs);
        plan.samples = 0;
        thread.run();
    }

    /** Stands where the listener does, and sees what it sees. */
    private static final class Plan extends AbstractTestElement implements SampleMonitor, Timer, ThreadListener {
        private static final long serialVersionUID = 1L;
        final transient Jumps jumps = new Jumps();
        final transient List<String> sampled = new ArrayList<>();
        int loops = 1;
        /** The sample before which there is a pause longer than the duration. */
        int longAt;
        long lengthMs = 60_000;
        long sampleMs;
        boolean stopsInSample;
        int samples;
        private transient Jumps.User user;

        @Override
        public void threadStarted() {
            user = jumps.threadStarted(JMeterContextService.getContext(), Loops.treeOf(JMeterContextService.getContext().getThread()));
        }

        @Override
        public void threadFinished() {
            jumps.threadFinished(user);
        }

        @Override
        public long delay() {
            user.delaying(JMeterContextService.getContext().getCurrentSampler());
            return samples + 1 == longAt ? 3_600_000 : 0;
        }

        @Override
        public void sampleStarting(Sampler sampler) {
            user.sampling(sampler);
        }

        @Override
        public void sampleEnded(Sampler sampler) { }
    }

    private static final class Call extends AbstractSampler {
        private static final long serialVersionUID = 1L;
        private final transient Plan plan;

        Call(Plan plan, String name) {
            this.plan = plan;
            setName(name);
        }

        @Override
        public SampleResult sample(Entry entry) {
            plan.sampled.add(getName());
            plan.samples++;
            try {
                Thread.sleep(plan.sampleMs);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            SampleResult result = SampleResult.createTestSample(1);
            result.setStopThread(plan.stopsInSample);
            return result;
        }
    }
}
