package io.gridnode.sump.trace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.util.List;
import org.junit.jupiter.api.Test;

class TraceQueueTest {
    private final TraceQueue queue = new TraceQueue(4, 1 << 20);

    private static Trace of(String label) {
        return new Trace(new TraceKey(label, "500", "x", "x"), false, 1);
    }

    private String taken() throws InterruptedException {
        StringBuilder labels = new StringBuilder();
        for (Trace next = queue.poll(0); next != null; next = queue.poll(0)) {
            labels.append(next.key.label);
            queue.written(next);
        }
        return labels.toString();
    }

    @Test
    void oneOfEachKindComesBeforeTheSecondOfAny() throws InterruptedException {
        queue.close();
        for (String label : List.of("a", "a", "b", "c")) {
            assertEquals(List.of(), queue.offer(of(label)));
        }
        assertEquals("abca", taken());
        queue.offer(of("a"));
        queue.offer(of("d"));
        assertEquals("da", taken(), "one that has had its turn waits for the others");
        assertNull(queue.poll(0));
        assertEquals(0, queue.failures());
    }

    @Test
    void aKindThatDoesNotWaitTakesThePlaceOfASecondOne() throws InterruptedException {
        queue.close();
        Trace second = of("b");
        for (Trace trace : List.of(of("a"), of("b"), second, of("c"))) {
            queue.offer(trace);
        }
        Trace more = of("a");
        assertEquals(List.of(more), queue.offer(more));
        assertEquals(List.of(second), queue.offer(of("d")));
        Trace last = of("e");
        assertEquals(List.of(last), queue.offer(last), "all are the only ones of their kind");
        assertEquals(8, queue.failures());
        assertEquals("abcd", taken());
    }
}
