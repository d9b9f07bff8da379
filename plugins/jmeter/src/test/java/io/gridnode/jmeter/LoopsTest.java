package io.gridnode.jmeter;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.jmeter.control.LoopController;
import org.apache.jmeter.engine.StandardJMeterEngine;
import org.apache.jmeter.samplers.AbstractSampler;
import org.apache.jmeter.samplers.Entry;
import org.apache.jmeter.samplers.SampleMonitor;
import org.apache.jmeter.samplers.SampleResult;
import org.apache.jmeter.samplers.Sampler;
import org.apache.jmeter.testelement.AbstractTestElement;
import org.apache.jmeter.testelement.ThreadListener;
import org.apache.jmeter.threads.AbstractThreadGroup;
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
class LoopsTest {
    @BeforeAll
    static void properties(@TempDir Path dir) throws Exception {
        JMeterUtils.getProperties(Files.writeString(dir.resolve("properties"), "").toString());
    }

    @Test
    void whoIsEndedInPlaceOfAPauseIsDelayed() {
        // It begins the next loop before it looks whether it is to go on.
        assertEquals(List.of("sample", "sample", "Loops begun: 4 of 5, delayed: users 1-1"), run(new Plan(5, 3), true));
        // Without a scheduler it has no end, and waits.
        assertEquals(
                List.of("sample", "sample", "sample", "Loops begun: 3 of 3, whole: users 1-1"), run(new Plan(3, 0), false));
    }

    @Test
    void whoEndsInItsSampleIsNot() {
        Plan plan = new Plan(5, 0);
        plan.stopsInSample = true;
        assertEquals(List.of("sample", "Loops begun: 2 of 5, cut: users 1-1"), run(plan, true));
    }

    @Test
    void onlyUsersOfAPlugInHaveATimeOfTheirOwn() {
        Plan plan = new Plan(3, 0);
        run(plan, true);
        assertEquals(null, plan.loops.timeLeft(System.currentTimeMillis()));
        Plan timed = new Plan(3, 0);
        run(timed, true, new Timed());
        assertEquals("Time left: 15000 of 60000 ms: users 1-1", timed.loops.timeLeft(timed.startMs + 45_000));
        assertEquals("Time left: 0 of 60000 ms: users 1-1", timed.loops.timeLeft(timed.startMs + 99_000));
        assertEquals("Loops begun: 3 of 3, whole: users 1-1", timed.said.get(3));
    }

    @Test
    void loopsThatAreNoNumberAreSaid() {
        for (String text : List.of("ten", "10 ", "", "3000000000")) {
            assertEquals("No number of loops in users 1-1: `" + text + "`", noNumber(text, new ThreadGroup()));
        }
        assertEquals("No number of loops in users 1-1: `a b" + "x".repeat(77) + "…`", noNumber("a\nb" + "x".repeat(90), new ThreadGroup()));
        assertEquals(null, noNumber("0", new ThreadGroup()));
        assertEquals(null, noNumber("2", new ThreadGroup()));
        assertEquals(null, noNumber("ten", new Timed()));
    }

    private static String noNumber(String text, AbstractThreadGroup group) {
        Plan plan = new Plan(0, 0);
        plan.text = text;
        run(plan, true, group);
        return plan.loops.noNumber();
    }

    private static final class Timed extends AbstractThreadGroup {
        private static final long serialVersionUID = 1L;

        @Override
        public boolean stopThread(String name, boolean now) {
            return false;
        }

        @Override
        public int numberOfActiveThreads() {
            return 1;
        }

        @Override
        public void start(int number, ListenerNotifier notifier, ListedHashTree tree, StandardJMeterEngine engine) { }

        @Override
        public JMeterThread addNewThread(int delay, StandardJMeterEngine engine) {
            return null;
        }

        @Override
        public boolean verifyThreadsStopped() {
            return true;
        }

        @Override
        public void waitThreadsStopped() { }

        @Override
        public void tellThreadsToStop() { }

        @Override
        public void stop() { }

        @Override
        public void threadFinished(JMeterThread thread) { }
    }

    private static List<String> run(Plan plan, boolean scheduler) {
        return run(plan, scheduler, new ThreadGroup());
    }

    private static List<String> run(Plan plan, boolean scheduler, AbstractThreadGroup group) {
        LoopController main = new LoopController();
        main.setLoops(plan.text == null ? "" + plan.count : plan.text);
        main.setContinueForever(false);
        group.setName("users");
        group.setSamplerController(main);
        ListedHashTree tree = new ListedHashTree();
        ListedHashTree below = tree.add(group);
        below.add(plan);
        below.add(new LongPause(plan));
        below.add(new Call(plan));
        JMeterThread thread = new JMeterThread(tree, ended -> { }, new ListenerNotifier());
        thread.setThreadName("users 1-1");
        thread.setThreadGroup(group);
        if (scheduler) {
            long now = System.currentTimeMillis();
            thread.setScheduled(true);
            plan.startMs = now;
            thread.setStartTime(now);
            thread.setEndTime(now + 60_000);
        }
        thread.run();
        return plan.said;
    }

    /** Stands where the listener does, and sees what it sees. */
    private static final class Plan extends AbstractTestElement implements SampleMonitor, Timer, ThreadListener {
        private static final long serialVersionUID = 1L;
        final transient List<String> said = new ArrayList<>();
        final int count;
        /** The sample before which there is a pause longer than the duration. */
        final int longAt;
        /** In place of the count. */
        String text;
        boolean stopsInSample;
        long startMs;
        int samples;
        private transient Loops loops;

        Plan(int count, int longAt) {
            this.count = count;
            this.longAt = longAt;
        }

        @Override
        public void threadStarted() {
            loops = Loops.of(JMeterContextService.getContext());
        }

        @Override
        public void threadFinished() {
            said.add(loops.end());
        }

        @Override
        public long delay() {
            loops.delaying();
            return 0;
        }

        @Override
        public void sampleStarting(Sampler sampler) {
            loops.sampling();
        }

        @Override
        public void sampleEnded(Sampler sampler) {
            loops.sampled(sampler);
        }
    }

    private static final class LongPause extends AbstractTestElement implements Timer {
        private static final long serialVersionUID = 1L;
        private final transient Plan plan;

        LongPause(Plan plan) {
            this.plan = plan;
        }

        @Override
        public long delay() {
            return plan.samples + 1 == plan.longAt ? 3_600_000 : 0;
        }
    }

    private static final class Call extends AbstractSampler {
        private static final long serialVersionUID = 1L;
        private final transient Plan plan;

        Call(Plan plan) {
            this.plan = plan;
        }

        @Override
        public SampleResult sample(Entry entry) {
            plan.said.add("sample");
            plan.samples++;
            SampleResult result = SampleResult.createTestSample(1);
            result.setStopThread(plan.stopsInSample);
            return result;
        }
    }
}
