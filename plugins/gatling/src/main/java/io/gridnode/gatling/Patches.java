package io.gridnode.gatling;

import io.gridnode.gatling.asm.ClassReader;
import io.gridnode.gatling.asm.ClassVisitor;
import io.gridnode.gatling.asm.ClassWriter;
import io.gridnode.gatling.asm.FieldVisitor;
import io.gridnode.gatling.asm.MethodVisitor;
import io.gridnode.gatling.asm.Opcodes;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The places in Gatling that are patched, and the patching of one class. The same from Gatling 3.9 to 3.15 but for one name. */
final class Patches {
    static final String ENGINE = "io/gatling/core/stats/DataWritersStatsEngine";
    /** As {@link Result#patched} names it. */
    static final String ENGINE_STOP = "DataWritersStatsEngine.stop";
    static final String COMPONENTS = "io/gatling/core/CoreComponents";
    static final String PARAMETERS = "io/gatling/core/scenario/SimulationParams";

    /** The message of newer Gatlings, the action of older ones. */
    static final String STOP_MESSAGE = "io/gatling/core/controller/Controller$Command$StopLoadGenerator";
    static final String STOP_ACTION = "io/gatling/core/action/StopInjector";
    static final String EXIT_HERE = "io/gatling/core/action/ExitHere";

    /** Both of HTTP: the first has request and answer, the second the parts of a body as they come. */
    static final String HTTP_STATS = "io/gatling/http/engine/response/DefaultStatsProcessor";
    static final String HTTP_LISTENER = "io/gatling/http/engine/GatlingHttpListener";

    private static final String TEXT = "Ljava/lang/String;";
    private static final String LIST = "Lscala/collection/immutable/List;";
    private static final String OPTION = "Lscala/Option;";
    private static final String STATUS = "Lio/gatling/commons/stats/Status;";
    private static final String SESSION = "Lio/gatling/core/session/Session;";
    private static final String RESULT = "Lio/gatling/http/response/HttpResult;";
    private static final String BYTES = "Lio/netty/buffer/ByteBuf;";
    private static final String GROUP = "Lio/gatling/core/session/GroupBlock;";

    private static final Map<String, List<Hook>> HOOKS = Map.of(
            ENGINE,
            List.of(
                    new Hook(Hook.Kind.ENTRY, false, "engineStart", "()V", "start"),
                    new Hook(Hook.Kind.ENTRY, false, "engineStop", null, "stop"),
                    new Hook(
                            Hook.Kind.ENTRY_WITH_ARGUMENTS,
                            true,
                            "response",
                            "(" + TEXT + LIST + TEXT + "JJ" + STATUS + OPTION + OPTION + ")V",
                            "logResponse"),
                    new Hook(Hook.Kind.ENTRY_WITH_ARGUMENTS, false, "groupEnd", "(" + TEXT + GROUP + "J)V", "logGroupEnd"),
                    new Hook(Hook.Kind.ENTRY_WITH_ARGUMENTS, false, "userStart", "(" + TEXT + ")V", "logUserStart"),
                    new Hook(Hook.Kind.ENTRY_WITH_ARGUMENTS, false, "userEnd", "(" + TEXT + ")V", "logUserEnd"),
                    // logCrash up to Gatling 3.10.
                    new Hook(
                            Hook.Kind.ENTRY_WITH_ARGUMENTS,
                            false,
                            "crash",
                            "(" + TEXT + LIST + TEXT + TEXT + ")V",
                            "logRequestCrash",
                            "logCrash")),
            COMPONENTS,
            List.of(new Hook(Hook.Kind.CONSTRUCTED, false, "components", null, "<init>")),
            PARAMETERS,
            List.of(
                    new Hook(Hook.Kind.CONSTRUCTED, false, "parameters", null, "<init>"),
                    new Hook(Hook.Kind.RESULT, false, "maxDuration", "()" + OPTION, "maxDuration")),
            STOP_MESSAGE,
            List.of(new Hook(Hook.Kind.CONSTRUCTED, false, "stopLoad", null, "<init>")),
            STOP_ACTION,
            List.of(new Hook(Hook.Kind.ENTRY, false, "stopInjector", null, "execute")),
            HTTP_STATS,
            List.of(new Hook(
                    Hook.Kind.ENTRY_OF_ARGUMENTS,
                    false,
                    "httpResult",
                    "(" + TEXT + SESSION + STATUS + RESULT + OPTION + ")V",
                    "reportStats0")),
            HTTP_LISTENER,
            List.of(new Hook(Hook.Kind.BODY_KEPT, false, "keepsBody", "(" + BYTES + "Z)V", "onHttpResponseBodyChunk")),
            EXIT_HERE,
            List.of(new Hook(
                    Hook.Kind.DECIDED,
                    false,
                    "exitHere",
                    "(L" + EXIT_HERE + ";Lio/gatling/core/session/Session;Z)V",
                    "$anonfun$execute$1")));

    /** What became of a class. Names are `Class.method`. */
    static final class Result {
        /** The class to load instead. */
        byte[] bytes;
        final List<String> patched = new ArrayList<>();
        final List<String> missingRequired = new ArrayList<>();
        final List<String> missingOptional = new ArrayList<>();
    }

    private Patches() {}

    static boolean concern(String className) {
        return HOOKS.containsKey(className);
    }

    /**
     * @param className one that {@link #concern} knows, as the JVM writes it
     * @param hooks the class whose static methods are called, as the JVM writes it
     */
    static Result apply(String className, byte[] original, String hooks) {
        Result result = new Result();
        ClassReader reader = new ClassReader(original);
        ClassWriter writer = new ClassWriter(reader, ClassWriter.COMPUTE_MAXS);
        String simpleName = className.substring(className.lastIndexOf('/') + 1);
        Map<Hook, String> found = new LinkedHashMap<>();
        Set<String> fields = new HashSet<>();
        reader.accept(
                new ClassVisitor(Opcodes.ASM9, writer) {
                    @Override
                    public FieldVisitor visitField(int access, String name, String type, String signature, Object value) {
                        fields.add(name + type);
                        return super.visitField(access, name, type, signature, value);
                    }

                    @Override
                    public MethodVisitor visitMethod(
                            int access, String name, String descriptor, String signature, String[] exceptions) {
                        MethodVisitor next = super.visitMethod(access, name, descriptor, signature, exceptions);
                        for (Hook hook : HOOKS.get(className)) {
                            if (hook.fits(name, descriptor, access, fields)) {
                                return hook.patch(
                                        next, className, descriptor, hooks, () -> found.put(hook, simpleName + "." + name));
                            }
                        }
                        return next;
                    }
                },
                0);
        result.bytes = writer.toByteArray();
        for (Hook hook : HOOKS.get(className)) {
            if (found.containsKey(hook)) {
                result.patched.add(found.get(hook));
            } else {
                (hook.required ? result.missingRequired : result.missingOptional).add(simpleName + "." + hook.names.get(0));
            }
        }
        // The patched code reads it.
        if (className.equals(ENGINE) && !fields.contains(Hook.ACTIVE + Hook.ACTIVE_TYPE)) {
            result.missingRequired.add(simpleName + "." + Hook.ACTIVE);
        }
        return result;
    }
}
