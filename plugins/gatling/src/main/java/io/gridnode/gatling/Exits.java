package io.gridnode.gatling;

import java.util.Arrays;
import java.util.Collection;

/** Who has called {@code System.exit}: Gatling itself ends so, and so may a plan. That thread waits until the JVM's hooks are done. */
final class Exits {
    private static final String EXIT = "java.lang.Runtime.exit";
    /** What such a call may come through. */
    private static final String[] THROUGH = {"java.", "jdk.", "scala.sys.", "kotlin."};
    /** Whose calls are in order. */
    private static final String[] OWN = {"io.gatling.app.", "io.gridnode.gatling."};

    private Exits() {}

    /** {@code S.after, S.java:8}, or null where it was none of a plan's. */
    static String foreign() {
        return foreign(Thread.getAllStackTraces().values());
    }

    /** @param stacks the calls of each thread, the innermost first */
    static String foreign(Collection<StackTraceElement[]> stacks) {
        for (StackTraceElement[] stack : stacks) {
            boolean exits = false;
            for (StackTraceElement call : stack) {
                String name = call.getClassName() + "." + call.getMethodName();
                exits |= name.equals(EXIT);
                if (exits && !beginsWith(name, THROUGH)) {
                    // Several threads may call it at once, and the first one counts; the others wait for it.
                    if (beginsWith(name, OWN)) {
                        break;
                    }
                    return name + ", " + call.getFileName() + ":" + call.getLineNumber();
                }
            }
        }
        return null;
    }

    private static boolean beginsWith(String name, String[] starts) {
        return Arrays.stream(starts).anyMatch(name::startsWith);
    }
}
