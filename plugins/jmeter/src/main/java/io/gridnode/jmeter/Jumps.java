package io.gridnode.jmeter;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.apache.jmeter.control.Controller;
import org.apache.jmeter.control.TransactionSampler;
import org.apache.jmeter.engine.util.CompoundVariable;
import org.apache.jmeter.samplers.SampleResult;
import org.apache.jmeter.samplers.Sampler;
import org.apache.jmeter.testelement.TestElement;
import org.apache.jmeter.testelement.property.FunctionProperty;
import org.apache.jmeter.testelement.property.JMeterProperty;
import org.apache.jmeter.threads.AbstractThreadGroup;
import org.apache.jmeter.threads.JMeterContext;
import org.apache.jmeter.threads.JMeterContext.TestLogicalAction;
import org.apache.jmeter.threads.JMeterThread;
import org.apache.jmeter.threads.JMeterVariables;
import org.apache.jorphan.collections.HashTree;
import org.apache.jorphan.collections.SearchByClass;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Samplers that nobody came to: because users went on with another iteration at a failed sample before them (the group says so,
 * "Start Next Thread Loop", or a Result Status Action Handler), or because the time of all users was over before. JMeter says
 * nothing of it, and no sample does.
 *
 * <p>What each user has begun is told by its place in the group's tree, which is the same in each user's copy.
 */
final class Jumps {
    private static final Logger LOG = LoggerFactory.getLogger(Jumps.class);
    private static final String STEERS = "org.apache.jmeter.sampler.TestAction";
    private static final int SAMPLERS_MAX = 10_000;
    private static final int NAMED_MAX = 20;

    private final Map<AbstractThreadGroup, Group> groups = Collections.synchronizedMap(new IdentityHashMap<>());

    private static final class Group {
        final List<String> names = new ArrayList<>();
        final BitSet begun = new BitSet();
        /** The least place that somebody jumped from; what stands before it was there to be reached. */
        int from = Integer.MAX_VALUE;
        long jumps;
        /** Places that somebody's last pause was before. */
        final BitSet awaited = new BitSet();
        /** The last place that somebody began. */
        int reached = -1;
        /** Somebody came to the end of an iteration: what nobody began before that was not to be. */
        boolean isWhole;
        /** Users that the end of their time has ended; of them, in a pause. */
        long timed;
        long paused;
    }

    /** One user's. */
    static final class User {
        private final Group group;
        private final boolean isOnError;
        private final JMeterThread thread;
        private final JMeterVariables variables;
        private final Map<Sampler, Integer> places = new IdentityHashMap<>();
        private final BitSet begun = new BitSet();
        private int at = -1;
        private boolean isCounted = true;
        private int from = Integer.MAX_VALUE;
        private long jumps;
        /** Of the sampler whose timers it waits for; -1 where it does not. */
        private int awaited = -1;
        /** A Flow Control Action began last, which may be a pause. */
        private boolean isSteered;

        private User(Group group, JMeterContext context) {
            this.group = group;
            this.isOnError = context.getThreadGroup().getOnErrorStartNextLoop();
            this.thread = context.getThread();
            this.variables = context.getVariables();
        }

        /** A sampler's timers are asked how long to wait. */
        void delaying(Sampler sampler) {
            Sampler at = sampler;
            while (at instanceof TransactionSampler) {
                at = ((TransactionSampler) at).getSubSampler();
            }
            awaited = places.getOrDefault(at, -1);
        }

        /** A sampler begins. */
        void sampling(Sampler sampler) {
            awaited = -1;
            Integer place = places.get(sampler);
            if (place != null) {
                at = place;
                begun.set(place);
                isCounted = false;
                isSteered = steers(sampler);
            }
        }

        /** JMeter ends a user in place of a timer's pause past the end of its time; one of an action's it shortens. */
        private void end(long nowMs) {
            long endMs = thread == null ? 0 : thread.getEndTime();
            boolean isDelayed = endMs > 0 && awaited >= 0;
            boolean isTimed = isDelayed || endMs > 0 && nowMs >= endMs;
            if (isTimed) {
                group.timed++;
                group.paused += isDelayed || isSteered ? 1 : 0;
            }
            if (isDelayed) {
                group.awaited.set(awaited);
            }
            // JMeter begins the next iteration before it looks whether the user is to go on.
            group.isWhole |= !isTimed || variables == null || variables.getIteration() > 1;
            group.reached = Math.max(group.reached, begun.length() - 1);
        }

        /** A result of the sampler that began last, or of what is around it; the same failure is counted once. */
        void sampled(SampleResult result) {
            if (isCounted || result.isSuccessful()) {
                return;
            }
            if (isOnError || result.getTestLogicalAction() != TestLogicalAction.CONTINUE) {
                isCounted = true;
                jumps++;
                from = Math.min(from, at);
            }
        }
    }

    /** At the beginning of a user; null where it cannot be told. */
    User threadStarted(JMeterContext context, HashTree tree) {
        AbstractThreadGroup group = context.getThreadGroup();
        if (group == null || tree == null) {
            return null;
        }
        SearchByClass<Controller> controllers = new SearchByClass<>(Controller.class);
        SearchByClass<Sampler> samplers = new SearchByClass<>(Sampler.class);
        tree.traverse(controllers);
        tree.traverse(samplers);
        // Those work with copies of their own.
        boolean isParallel = controllers.getSearchResults().stream()
                .anyMatch(each -> each.getClass().getName().toLowerCase(Locale.ROOT).contains("parallel"));
        if (isParallel || samplers.getSearchResults().size() > SAMPLERS_MAX) {
            return null;
        }
        Group known = groups.computeIfAbsent(group, each -> new Group());
        User user = new User(known, context);
        samplers.getSearchResults().forEach(each -> user.places.put(each, user.places.size()));
        synchronized (known) {
            if (known.names.isEmpty()) {
                samplers.getSearchResults().forEach(each -> known.names.add(nameOf(each)));
            }
        }
        return user;
    }

    /** At the end of a user. */
    void threadFinished(User user) {
        synchronized (user.group) {
            user.group.begun.or(user.begun);
            user.group.jumps += user.jumps;
            user.group.from = Math.min(user.group.from, user.from);
            user.end(System.currentTimeMillis());
        }
    }

    /**
     * {@code Not reached behind failed samples, 10 times: NAME} or {@code Not reached in time by 3 users, 2 of them in a pause:
     * NAME}, a line each.
     */
    void tell() {
        told().forEach(line -> LOG.info("{}", line));
    }

    List<String> told() {
        List<String> lines = new ArrayList<>();
        synchronized (groups) {
            Set<String> begun = new HashSet<>();
            groups.values().forEach(group -> group.begun.stream().forEach(place -> begun.add(group.names.get(place))));
            for (Group group : groups.values()) {
                synchronized (group) {
                    for (int place = 0; place < group.names.size() && lines.size() < NAMED_MAX; place++) {
                        String name = group.names.get(place);
                        String why = name == null || begun.contains(name) ? null : whyNot(group, place);
                        if (why != null) {
                            lines.add("Not reached " + why + ": " + name);
                        }
                    }
                }
            }
        }
        return lines;
    }

    /** Why nobody came to a place; null where that is as it should be, or nobody knows. */
    private static String whyNot(Group group, int place) {
        if (place >= group.from) {
            return "behind failed samples, " + group.jumps + " times";
        }
        if (group.awaited.get(place) || group.timed > 0 && !group.isWhole && place > group.reached) {
            return "in time by " + group.timed + " users, " + group.paused + " of them in a pause";
        }
        return null;
    }

    private static boolean steers(Sampler sampler) {
        return sampler.getClass().getName().equals(STEERS);
    }

    /**
     * As the plan has it, functions and variables as they are written: JMeter computes a name when it is that sampler's turn, and
     * a counter in it would count once more. Null of those that make no sample.
     */
    private static String nameOf(Sampler sampler) {
        if (steers(sampler)) {
            return null;
        }
        JMeterProperty name = sampler.getProperty(TestElement.NAME);
        if (name instanceof FunctionProperty) {
            Object function = name.getObjectValue();
            return function instanceof CompoundVariable ? ((CompoundVariable) function).getRawParameters() : null;
        }
        return name.getStringValue();
    }
}
