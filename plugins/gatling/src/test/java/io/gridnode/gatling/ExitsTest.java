package io.gridnode.gatling;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class ExitsTest {
    private static final String[] BEGIN = {"java.lang.Thread.join", "java.lang.Shutdown.exit", "java.lang.Runtime.exit", "java.lang.System.exit"};

    @Test
    void aPlansCallIsNamedAndGatlingsOwnIsNot() {
        assertEquals("shop.S.after, S.java:8", of("shop.S.after", "io.gatling.app.Runner.run"));
        assertEquals("S.run, S.java:8", of("scala.sys.package$.exit", "S.run"));
        assertEquals("S.run, S.java:8", of("kotlin.system.ProcessKt.exitProcess", "S.run"));
        assertNull(of("scala.sys.package$.exit", "io.gatling.app.Gatling$.main"));
        assertNull(of("io.gridnode.gatling.Agent.refuse"));
        assertNull(Exits.foreign(List.<StackTraceElement[]>of(stack("java.lang.Thread.sleep", "shop.S.after"))), "it only waits");
        // A signal's own thread.
        assertNull(Exits.foreign(List.<StackTraceElement[]>of(stack("java.lang.Shutdown.exit", "java.lang.Terminator$1.handle"))));
        assertNull(Exits.foreign());
    }

    private static String of(String... callers) {
        String[] calls = Arrays.copyOf(BEGIN, BEGIN.length + callers.length);
        System.arraycopy(callers, 0, calls, BEGIN.length, callers.length);
        return Exits.foreign(List.of(stack("shop.S.waits"), stack(calls)));
    }

    private static StackTraceElement[] stack(String... calls) {
        return Arrays.stream(calls)
                .map(call -> {
                    int dot = call.lastIndexOf('.');
                    return new StackTraceElement(call.substring(0, dot), call.substring(dot + 1), "S.java", 8);
                })
                .toArray(StackTraceElement[]::new);
    }
}
