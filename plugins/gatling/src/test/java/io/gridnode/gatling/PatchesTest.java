package io.gridnode.gatling;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gatling.commons.stats.KO$;
import io.gatling.commons.stats.OK$;
import io.gatling.commons.stats.Status;
import io.gatling.commons.util.DefaultClock;
import io.gatling.core.session.GroupBlock;
import io.gatling.core.session.Session;
import io.gatling.http.response.HttpFailure;
import io.gatling.http.response.HttpResult;
import io.gridnode.gatling.asm.ClassReader;
import io.gridnode.gatling.asm.ClassVisitor;
import io.gridnode.gatling.asm.ClassWriter;
import io.gridnode.gatling.asm.FieldVisitor;
import io.gridnode.gatling.asm.MethodVisitor;
import io.gridnode.gatling.asm.Opcodes;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import scala.Option;

/** On the classes of the real Gatling, and on these with something taken away. */
class PatchesTest {
    private static final String RECORDER = "io/gridnode/gatling/RecordingHooks";
    private static final List<String> ENGINE_PATCHED = List.of(
            "DataWritersStatsEngine.start",
            "DataWritersStatsEngine.stop",
            "DataWritersStatsEngine.logResponse",
            "DataWritersStatsEngine.logGroupEnd",
            "DataWritersStatsEngine.logUserStart",
            "DataWritersStatsEngine.logUserEnd",
            "DataWritersStatsEngine.logRequestCrash");

    @BeforeEach
    void forget() {
        RecordingHooks.CALLS.clear();
    }

    @Test
    void everyHookOfTheEngineIsCalledWithItsArguments() throws Exception {
        Patches.Result result = Patches.apply(Patches.ENGINE, original(Patches.ENGINE), RECORDER);
        assertEquals(ENGINE_PATCHED, result.patched);
        assertEquals(List.of(), result.missingRequired);
        assertEquals(List.of(), result.missingOptional);

        Class<?> type = define(Patches.ENGINE, result.bytes);
        Object engine = type.getConstructors()[0].newInstance(scala.collection.immutable.Nil$.MODULE$, null, new DefaultClock());
        type.getMethod("start").invoke(engine);
        type.getMethod("logUserStart", String.class).invoke(engine, "s");
        logResponse(type).invoke(engine, "s", Lists.of("g"), "n", 1L, 2L, OK$.MODULE$, Option.apply("200"), Option.empty());
        logResponse(type).invoke(engine, "s", Lists.of(), "n", 3L, -1L, KO$.MODULE$, Option.empty(), Option.apply("no"));
        GroupBlock group = new GroupBlock(Lists.of("g", "h"), 1L, 5, (Status) OK$.MODULE$);
        type.getMethod("logGroupEnd", String.class, GroupBlock.class, long.class).invoke(engine, "s", group, 9L);
        type.getMethod("logRequestCrash", String.class, scala.collection.immutable.List.class, String.class, String.class)
                .invoke(engine, "s", Lists.of("g"), "n", "boom");
        type.getMethod("logUserEnd", String.class).invoke(engine, "s");
        stop(type, engine);
        assertEquals(
                List.of(
                        "start",
                        "user start true",
                        "response true List(g) n 1 2 OK Some(200) None",
                        "response true List() n 3 -1 KO None Some(no)",
                        "group true List(g, h) 9",
                        "crash true List(g) n boom",
                        "user end true",
                        "stop"),
                RecordingHooks.CALLS);
    }

    @Test
    void aResponseOfHttpIsHandedOverBeforeItIsLogged() throws Exception {
        Patches.Result result = Patches.apply(Patches.HTTP_STATS, original(Patches.HTTP_STATS), RECORDER);
        assertEquals(List.of("DefaultStatsProcessor.reportStats0"), result.patched);
        Class<?> type = define(Patches.HTTP_STATS, result.bytes);
        HttpFailure failure = new HttpFailure(null, 1L, 2L, "no");
        Object processor = type.getConstructors()[0].newInstance(new Object[] {null});
        Method report = type.getMethod("reportStats0", String.class, Session.class, Status.class, HttpResult.class, Option.class);
        // Without an engine it comes no further than our call, which stands first.
        assertThrows(
                InvocationTargetException.class, () -> report.invoke(processor, "n", null, KO$.MODULE$, failure, Option.apply("no")));
        assertEquals(List.of("http null KO " + failure + " Some(no)"), RecordingHooks.CALLS);
    }

    @Test
    void whetherABodyIsKeptIsAskedWhereItsPartsCome() throws Exception {
        byte[] original = original(Patches.HTTP_LISTENER);
        Patches.Result result = Patches.apply(Patches.HTTP_LISTENER, original, RECORDER);
        assertEquals(List.of("GatlingHttpListener.onHttpResponseBodyChunk"), result.patched);
        // The JVM's verifier takes it.
        define(Patches.HTTP_LISTENER, result.bytes);
        for (String member : List.of("status", "bodyLength", "onHttpResponseBodyChunk")) {
            Patches.Result less = Patches.apply(Patches.HTTP_LISTENER, without(member, original), RECORDER);
            assertEquals(List.of("GatlingHttpListener.onHttpResponseBodyChunk"), less.missingOptional, member);
        }
    }

    @Test
    void theComponentsAreHandedOverWhenTheyAreComplete() throws Exception {
        Patches.Result result = Patches.apply(Patches.COMPONENTS, original(Patches.COMPONENTS), RECORDER);
        Constructor<?> constructor = define(Patches.COMPONENTS, result.bytes).getConstructors()[0];
        constructor.newInstance(new Object[constructor.getParameterCount()]);
        assertEquals(List.of("components CoreComponents"), RecordingHooks.CALLS);
    }

    @Test
    void theMaximumDurationPassesThroughUs() throws Exception {
        Patches.Result result = Patches.apply(Patches.PARAMETERS, original(Patches.PARAMETERS), RECORDER);
        Class<?> type = define(Patches.PARAMETERS, result.bytes);
        Constructor<?> constructor = type.getConstructors()[0];
        Object parameters = constructor.newInstance(new Object[constructor.getParameterCount()]);
        type.getMethod("maxDuration").invoke(parameters);
        assertEquals(List.of("parameters SimulationParams", "max duration null"), RecordingHooks.CALLS);
        Patches.Result less = Patches.apply(Patches.PARAMETERS, without("maxDuration", original(Patches.PARAMETERS)), RECORDER);
        assertEquals(List.of("SimulationParams.<init>"), less.patched);
    }

    @Test
    void anEngineWithoutItsResponsesIsNotWhatWeCanMeasure() throws IOException {
        Patches.Result renamed = Patches.apply(Patches.ENGINE, without("logResponse", original(Patches.ENGINE)), RECORDER);
        assertEquals(List.of("DataWritersStatsEngine.logResponse"), renamed.missingRequired);
        Patches.Result inactive = Patches.apply(Patches.ENGINE, without("active", original(Patches.ENGINE)), RECORDER);
        assertEquals(List.of("DataWritersStatsEngine.active"), inactive.missingRequired);
        assertTrue(inactive.missingOptional.isEmpty());
    }

    @Test
    void responsesWithOtherArgumentsAreOtherResponses() throws IOException {
        byte[] changed = rewrite(original(Patches.ENGINE), (name, type) -> name, type -> type.replace("JJLio/", "JJJLio/"));
        assertEquals(
                List.of("DataWritersStatsEngine.logResponse"),
                Patches.apply(Patches.ENGINE, changed, RECORDER).missingRequired);
    }

    @Test
    void whatMayBeMissingIsNamed() throws IOException {
        byte[] less = without("logRequestCrash", without("logUserEnd", original(Patches.ENGINE)));
        Patches.Result result = Patches.apply(Patches.ENGINE, less, RECORDER);
        assertEquals(List.of(), result.missingRequired);
        assertEquals(
                List.of("DataWritersStatsEngine.logUserEnd", "DataWritersStatsEngine.logRequestCrash"), result.missingOptional);
        assertEquals(5, result.patched.size());
    }

    @Test
    void theOldNameOfACrashIsKnown() throws IOException {
        byte[] old = rewrite(
                original(Patches.ENGINE), (name, type) -> name.equals("logRequestCrash") ? "logCrash" : name, type -> type);
        Patches.Result result = Patches.apply(Patches.ENGINE, old, RECORDER);
        assertTrue(result.patched.contains("DataWritersStatsEngine.logCrash"), result.patched.toString());
        assertEquals(List.of(), result.missingOptional);
    }

    private static void stop(Class<?> type, Object engine) throws IllegalAccessException {
        for (Method method : type.getMethods()) {
            if (method.getName().equals("stop")) {
                try {
                    method.invoke(engine, null, Option.empty());
                } catch (InvocationTargetException e) {
                    // Without its actors it comes no further than our call, which stands first.
                }
            }
        }
    }

    private static Method logResponse(Class<?> type) throws NoSuchMethodException {
        return type.getMethod(
                "logResponse",
                String.class,
                scala.collection.immutable.List.class,
                String.class,
                long.class,
                long.class,
                Status.class,
                Option.class,
                Option.class);
    }

    private static byte[] original(String name) throws IOException {
        try (InputStream in = PatchesTest.class.getClassLoader().getResourceAsStream(name + ".class")) {
            return in.readAllBytes();
        }
    }

    /** The JVM's verifier looks at the class here, too. */
    private static Class<?> define(String name, byte[] bytes) throws ClassNotFoundException {
        String binaryName = name.replace('/', '.');
        ClassLoader loader = new ClassLoader(PatchesTest.class.getClassLoader()) {
            @Override
            protected Class<?> loadClass(String wanted, boolean resolve) throws ClassNotFoundException {
                if (!wanted.equals(binaryName)) {
                    return super.loadClass(wanted, resolve);
                }
                Class<?> loaded = findLoadedClass(wanted);
                return loaded == null ? defineClass(wanted, bytes, 0, bytes.length) : loaded;
            }
        };
        return Class.forName(binaryName, true, loader);
    }

    private static byte[] without(String member, byte[] original) {
        return rewrite(original, (name, type) -> name.equals(member) ? name + "2" : name, type -> type);
    }

    private interface Naming {
        String of(String name, String type);
    }

    private interface Typing {
        String of(String type);
    }

    /** Declares the members under other names and with other types; never run. */
    private static byte[] rewrite(byte[] original, Naming names, Typing types) {
        ClassReader reader = new ClassReader(original);
        ClassWriter writer = new ClassWriter(reader, 0);
        reader.accept(
                new ClassVisitor(Opcodes.ASM9, writer) {
                    @Override
                    public FieldVisitor visitField(int access, String name, String type, String signature, Object value) {
                        return super.visitField(access, names.of(name, type), type, signature, value);
                    }

                    @Override
                    public MethodVisitor visitMethod(int access, String name, String type, String signature, String[] exceptions) {
                        return super.visitMethod(access, names.of(name, type), types.of(type), signature, exceptions);
                    }
                },
                0);
        return writer.toByteArray();
    }
}
