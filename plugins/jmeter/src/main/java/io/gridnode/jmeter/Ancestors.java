package io.gridnode.jmeter;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Set;
import org.apache.jmeter.threads.AbstractThreadGroup;
import org.apache.jorphan.collections.HashTree;
import org.apache.jorphan.collections.HashTreeTraverser;

/** What stands around an element in a thread's tree. */
final class Ancestors implements HashTreeTraverser {
    private static final String CONTROL = "org.apache.jmeter.control.";
    /** Controllers that let what is in them run once, one after the other; not all are in the same jar. */
    private static final Set<String> ONCE = Set.of(
            CONTROL + "GenericController",
            CONTROL + "TransactionController",
            CONTROL + "IfController",
            CONTROL + "OnceOnlyController",
            CONTROL + "IncludeController",
            CONTROL + "ModuleController",
            CONTROL + "TestFragmentController",
            CONTROL + "CriticalSectionController");

    private final Object element;
    private final Deque<Object> path = new ArrayDeque<>();
    private boolean areOnce;

    Ancestors(Object element) {
        this.element = element;
    }

    /** Whether it was found, and all around it run once. */
    boolean areOnce() {
        return areOnce;
    }

    @Override
    public void addNode(Object node, HashTree subTree) {
        if (node == element) {
            areOnce = path.stream()
                    .allMatch(each -> each instanceof AbstractThreadGroup || ONCE.contains(each.getClass().getName()));
        }
        path.push(node);
    }

    @Override
    public void subtractNode() {
        path.pop();
    }

    @Override
    public void processPath() {
        // Leaves are no matter.
    }
}
