package io.gridnode.jmeter;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.jmeter.control.Controller;
import org.apache.jmeter.samplers.SampleResult;
import org.apache.jmeter.samplers.Sampler;
import org.apache.jmeter.threads.AbstractThreadGroup;
import org.apache.jmeter.threads.JMeterContext;
import org.apache.jmeter.threads.JMeterContext.TestLogicalAction;
import org.apache.jorphan.collections.HashTree;
import org.apache.jorphan.collections.SearchByClass;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Samplers that nobody came to, because users went on with another iteration at a failed sample before them: the group says so
 * ("Start Next Thread Loop"), or a Result Status Action Handler. JMeter says nothing of it, and no sample does.
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
    }

    /** One user's. */
    static final class User {
        private final Group group;
        private final boolean isOnError;
        private final Map<Sampler, Integer> places = new IdentityHashMap<>();
        private final BitSet begun = new BitSet();
        private int at = -1;
        private boolean isCounted = true;
        private int from = Integer.MAX_VALUE;
        private long jumps;

        private User(Group group, boolean isOnError) {
            this.group = group;
            this.isOnError = isOnError;
        }

        /** A sampler begins. */
        void sampling(Sampler sampler) {
            Integer place = places.get(sampler);
            if (place != null) {
                at = place;
                begun.set(place);
                isCounted = false;
            }
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
        User user = new User(known, group.getOnErrorStartNextLoop());
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
        }
    }

    /** {@code Not reached behind failed samples, 10 times: NAME}, a line each. */
    void tell() {
        told().forEach(line -> LOG.info("{}", line));
    }

    List<String> told() {
        List<String> lines = new ArrayList<>();
        synchronized (groups) {
            for (Group group : groups.values()) {
                synchronized (group) {
                    for (int place = group.from; place < group.names.size() && lines.size() < NAMED_MAX; place++) {
                        String name = group.names.get(place);
                        if (!group.begun.get(place) && name != null) {
                            lines.add("Not reached behind failed samples, " + group.jumps + " times: " + name);
                        }
                    }
                }
            }
        }
        return lines;
    }

    /** Null of those that make no sample. */
    private static String nameOf(Sampler sampler) {
        return sampler.getClass().getName().equals(STEERS) ? null : sampler.getName();
    }
}
