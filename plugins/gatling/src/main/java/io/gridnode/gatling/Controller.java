package io.gridnode.gatling;

import java.lang.reflect.Method;

/**
 * Gatling's controller actor, which knows a message that stops the load, writes the log to its end and evaluates the
 * assertions. By reflection and once a run: actors are Akka's up to Gatling 3.11 and Gatling's own since.
 */
final class Controller {
    private static final String PACKAGE = "io.gatling.core.controller.";

    private final Object actor;

    private Controller(Object actor) {
        this.actor = actor;
    }

    static Controller of(Object components) throws ReflectiveOperationException {
        return new Controller(components.getClass().getMethod("controller").invoke(components));
    }

    void stop(String why) throws ReflectiveOperationException {
        ClassLoader loader = actor.getClass().getClassLoader();
        Object message = message(loader, why);
        // Through the public type: the class of the object itself is not public.
        for (String type : new String[] {"io.gatling.core.actor.ActorRef", "akka.actor.ActorRef"}) {
            Class<?> reference = find(loader, type);
            if (reference == null || !reference.isInstance(actor)) {
                continue;
            }
            for (Method method : reference.getMethods()) {
                if (method.getName().equals("$bang")) {
                    method.invoke(actor, method.getParameterCount() == 1 ? new Object[] {message} : new Object[] {message, null});
                    return;
                }
            }
        }
        throw new NoSuchMethodException("tell of " + actor.getClass().getName());
    }

    private static Object message(ClassLoader loader, String why) throws ReflectiveOperationException {
        Class<?> current = find(loader, PACKAGE + "Controller$Command$StopLoadGenerator");
        if (current != null) {
            return current.getConstructor(String.class, boolean.class).newInstance(why, false);
        }
        return Class.forName(PACKAGE + "ControllerCommand$StopInjector$", true, loader).getField("MODULE$").get(null);
    }

    private static Class<?> find(ClassLoader loader, String name) {
        try {
            return Class.forName(name, true, loader);
        } catch (ClassNotFoundException e) {
            return null;
        }
    }
}
