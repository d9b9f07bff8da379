package io.gridnode.jmeter;

import java.lang.reflect.Field;
import java.util.List;
import org.apache.jmeter.control.Controller;
import org.apache.jmeter.control.LoopController;
import org.apache.jmeter.control.TransactionSampler;
import org.apache.jmeter.samplers.Sampler;
import org.apache.jmeter.threads.AbstractThreadGroup;
import org.apache.jmeter.threads.JMeterContext;
import org.apache.jmeter.threads.JMeterThread;
import org.apache.jmeter.threads.JMeterVariables;
import org.apache.jmeter.threads.ThreadGroup;
import org.apache.jorphan.collections.HashTree;
import org.apache.jorphan.collections.SearchByClass;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How far a user has come when it ends, as a line in JMeter's log, where its thread group has loops: JMeter's own, and those of
 * plug-ins whose users each have a time of their own (the Ultimate and the Stepping one). JMeter itself says that a user is done
 * when it finds nothing more to do for it; but also where a loop was broken off, and not where only the end of a transaction or a
 * pause is left. For that user's thread alone.
 */
final class Loops {
    private static final Logger LOG = LoggerFactory.getLogger(Loops.class);
    private static final Field TREE = tree();
    /** Of a text that is no number. */
    private static final int TEXT_MAX = 80;

    private final JMeterThread thread;
    private final JMeterVariables variables;
    private final HashTree tree;
    private final LoopController main;
    /** Of a group of JMeter's own. */
    private final boolean isOwn;
    private Sampler sampled;
    /** The loop of that sample: JMeter begins the next one before it looks whether the user was told to stop. */
    private int sampledIn;
    /** Between a sampler's timers and its sample. */
    private boolean isDelaying;

    private Loops(JMeterThread thread, JMeterVariables variables, HashTree tree, LoopController main, boolean isOwn) {
        this.thread = thread;
        this.variables = variables;
        this.tree = tree;
        this.main = main;
        this.isOwn = isOwn;
    }

    /** At the beginning of a user: at its end JMeter knows nothing of it any more. Null where it has no loops. */
    static Loops of(JMeterContext context) {
        JMeterThread thread = context.getThread();
        AbstractThreadGroup group = context.getThreadGroup();
        if (thread == null || context.getVariables() == null || group == null) {
            return null;
        }
        boolean isOwn = group instanceof ThreadGroup;
        // How other groups end their users nobody knows.
        if (!isOwn && thread.getEndTime() <= 0) {
            return null;
        }
        HashTree tree = treeOf(thread);
        Controller main = mainOf(tree, group);
        return main instanceof LoopController
                ? new Loops(thread, context.getVariables(), tree, (LoopController) main, isOwn)
                : null;
    }

    /** A sampler has made its sample. */
    void sampled(Sampler sampler) {
        Sampler at = sampler;
        while (at instanceof TransactionSampler) {
            at = ((TransactionSampler) at).getSubSampler();
        }
        sampled = at == null ? sampled : at;
        sampledIn = variables.getIteration();
    }

    /** A sampler's timers are asked how long to wait. */
    void delaying() {
        isDelaying = true;
    }

    /** They have been waited for. */
    void sampling() {
        isDelaying = false;
    }

    void tell() {
        String left = timeLeft(System.currentTimeMillis());
        if (left != null) {
            LOG.info("{}", left);
        }
        String none = noNumber();
        if (none != null) {
            LOG.info("{}", none);
        }
        LOG.info("{}", end());
    }

    /**
     * {@code No number of loops in NAME: `ten`}, where JMeter takes 0 for what the plan, or what a function or a property in it,
     * gives. Null where it is a number, 0 as well. Of a group of JMeter's own.
     */
    String noNumber() {
        if (!isOwn || main.getLoops() != 0) {
            return null;
        }
        String text = main.getPropertyAsString(LoopController.LOOPS);
        try {
            Integer.parseInt(text);
            return null;
        } catch (NumberFormatException e) {
            String line = text.length() > TEXT_MAX ? text.substring(0, TEXT_MAX) + "…" : text;
            return "No number of loops in " + thread.getThreadName() + ": `" + line.replaceAll("\\p{Cntrl}", " ") + "`";
        }
    }

    /**
     * {@code Time left: 5200 of 7000 ms: NAME}, where a plug-in's schedule gives each user a time: what JMeter ends when that is
     * over has none left. Null where it does not; in JMeter's own groups all users end together.
     */
    String timeLeft(long nowMs) {
        long endMs = thread.getEndTime();
        if (endMs <= 0 || isOwn) {
            return null;
        }
        long wholeMs = Math.max(0, endMs - thread.getStartTime());
        return "Time left: " + Math.max(0, endMs - nowMs) + " of " + wholeMs + " ms: " + thread.getThreadName();
    }

    /**
     * At the end: {@code Loops begun: 3 of 3, whole: NAME}; a group without end has -1 of them. {@code delayed}: it was ended in
     * place of a pause that would have gone past the end of its time, if nobody has told it to.
     */
    String end() {
        int loops = main.getLoops();
        boolean isWhole = loops >= 0 && sampledIn >= loops && isLast();
        String how = isWhole ? "whole" : isDelaying && thread.getEndTime() > 0 ? "delayed" : "cut";
        return "Loops begun: " + variables.getIteration() + " of " + loops + ", " + how + ": " + thread.getThreadName();
    }

    /** Whether no sample comes after the last one. Where there are loops around it nobody knows, and it is not. */
    private boolean isLast() {
        if (tree == null || sampled == null) {
            return false;
        }
        SearchByClass<Sampler> samplers = new SearchByClass<>(Sampler.class);
        tree.traverse(samplers);
        Sampler last = null;
        for (Sampler each : samplers.getSearchResults()) {
            // Those steer only.
            last = each.getClass().getName().equals("org.apache.jmeter.sampler.TestAction") ? last : each;
        }
        if (last != sampled) {
            return false;
        }
        Ancestors ancestors = new Ancestors(sampled);
        tree.traverse(ancestors);
        return ancestors.areOnce();
    }

    /** The controller of a thread's own copy of its group, in which functions are computed. */
    private static Controller mainOf(HashTree tree, AbstractThreadGroup group) {
        List<Object> top = tree == null ? List.of() : List.copyOf(tree.list());
        Object own = top.isEmpty() ? group : top.get(0);
        return (own instanceof AbstractThreadGroup ? (AbstractThreadGroup) own : group).getSamplerController();
    }

    /** A thread's own copy of its group's tree; null where it cannot be had. */
    static HashTree treeOf(JMeterThread thread) {
        try {
            return TREE == null || thread == null ? null : (HashTree) TREE.get(thread);
        } catch (IllegalAccessException e) {
            return null;
        }
    }

    private static Field tree() {
        try {
            Field field = JMeterThread.class.getDeclaredField("testTree");
            field.setAccessible(true);
            return HashTree.class.isAssignableFrom(field.getType()) ? field : null;
        } catch (ReflectiveOperationException | RuntimeException e) {
            LOG.debug("what comes after a user's last sampler cannot be told", e);
            return null;
        }
    }
}
