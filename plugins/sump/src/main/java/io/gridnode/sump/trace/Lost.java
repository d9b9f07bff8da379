package io.gridnode.sump.trace;

import java.util.concurrent.atomic.AtomicLong;

/** Traces that there should be and are not, by why. Thread safe. */
final class Lost {
    /** There was no time left at the end. */
    final AtomicLong late = new AtomicLong();
    /** As many as may wait were waiting. */
    final AtomicLong crowded = new AtomicLong();
    /** The disk did not take them, or the tool could not tell what it has. */
    final AtomicLong failed = new AtomicLong();

    long total() {
        return late.get() + crowded.get() + failed.get();
    }

    /** As members of what is told of those that have no trace: the sum, for whoever does not ask why, and its parts. */
    void write(JsonWriter json) {
        long one = late.get();
        long two = crowded.get();
        long three = failed.get();
        member(json, "unwritten", one + two + three);
        member(json, "unwritten_late", one);
        member(json, "unwritten_crowded", two);
        member(json, "unwritten_failed", three);
    }

    private static void member(JsonWriter json, String name, long count) {
        if (count > 0) {
            json.key(name).number(count);
        }
    }
}
