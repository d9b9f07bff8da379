package io.gridnode.jmeter;

import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;
import org.apache.jmeter.threads.AbstractThreadGroup;
import org.apache.jmeter.threads.JMeterContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Thread groups that start another user in place of each that ends: the Concurrency and the arrivals ones. That a user of these was
 * ended does not lessen the load; of what kind a group is, JMeter's log does not say.
 */
final class Renewing {
    private static final Logger LOG = LoggerFactory.getLogger(Renewing.class);
    /** By name: who has no such group has not the plug-in either. */
    private static final String KIND = "com.blazemeter.jmeter.threads.AbstractDynamicThreadGroup";

    /** Groups of one name and the same properties are two. */
    private final Set<AbstractThreadGroup> known = Collections.synchronizedSet(Collections.newSetFromMap(new IdentityHashMap<>()));

    /** At the beginning of a user; its group is told of once. */
    void threadStarted(JMeterContext context) {
        AbstractThreadGroup group = context.getThreadGroup();
        if (group != null && isRenewing(group.getClass()) && known.add(group)) {
            LOG.info("Others come in place of those that end in the group of {}", context.getThread().getThreadName());
        }
    }

    static boolean isRenewing(Class<?> kind) {
        for (Class<?> at = kind; at != null; at = at.getSuperclass()) {
            if (at.getName().equals(KIND)) {
                return true;
            }
        }
        return false;
    }
}
