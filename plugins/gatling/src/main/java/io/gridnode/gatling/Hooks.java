package io.gridnode.gatling;

import io.gatling.commons.stats.Status;
import io.gatling.core.session.GroupBlock;
import io.gatling.core.session.Session;
import io.gatling.http.response.HttpResult;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.util.concurrent.atomic.AtomicBoolean;
import scala.Option;
import scala.collection.immutable.List;
import scala.concurrent.duration.FiniteDuration;

/**
 * What the patched classes of Gatling call; {@link Patches} knows where. Nothing is ever thrown into Gatling: a fault of ours is
 * counted and reported once.
 */
public final class Hooks {
    private static final String STOP_LOAD_GENERATOR = "stopLoadGenerator";

    private static Run run;

    private Hooks() {}

    /** Before any class is patched, hence visible to every thread that calls a hook. */
    static void install(Run installed) {
        run = installed;
    }

    /** The load begins: the stats engine starts. */
    public static void engineStart() {
        try {
            run.begin();
        } catch (Throwable e) {
            run.hookFailed(e);
        }
    }

    /** The load has ended: Gatling closes its books. */
    public static void engineStop() {
        run.ended();
    }

    /** A response, or what Gatling takes for one (a timeout, a refused connection). */
    public static void response(
            AtomicBoolean active,
            List<String> groups,
            String name,
            long startMs,
            long endMs,
            Status status,
            Option<String> code,
            Option<String> message) {
        if (endMs < 0 || !active.get()) {
            return;
        }
        try {
            run.response(groups, name, startMs, endMs, status, code, message);
        } catch (Throwable e) {
            run.hookFailed(e);
        }
    }

    /** A response of HTTP, which is logged next, on the same thread. */
    public static void httpResult(Session session, Status status, HttpResult result, Option<String> message) {
        try {
            run.httpResult(session, status, result);
        } catch (Throwable e) {
            run.hookFailed(e);
        }
    }

    /** Whether a part of an answer's body is to be kept until the answer is logged; {@code length} has it within. */
    public static boolean keepsBody(boolean kept, HttpResponseStatus status, int length, ByteBuf part) {
        try {
            return kept || run.keepsBody(status.code(), length - part.readableBytes());
        } catch (Throwable e) {
            run.hookFailed(e);
            return kept;
        }
    }

    /** A user leaves a group. */
    public static void groupEnd(AtomicBoolean active, GroupBlock group, long endMs) {
        if (!active.get()) {
            return;
        }
        try {
            run.groupEnd(group.groups(), group.cumulatedResponseTime(), group.status(), endMs);
        } catch (Throwable e) {
            run.hookFailed(e);
        }
    }

    /** A user starts its scenario. */
    public static void userStart(AtomicBoolean active) {
        if (active.get()) {
            run.userStart();
        }
    }

    /** A user has finished its scenario. */
    public static void userEnd(AtomicBoolean active) {
        if (active.get()) {
            run.userEnd();
        }
    }

    /** A request that was not sent or whose handling failed. */
    public static void crash(AtomicBoolean active, List<String> groups, String name, String error) {
        if (!active.get()) {
            return;
        }
        try {
            run.crash(groups, name, error);
        } catch (Throwable e) {
            run.hookFailed(e);
        }
    }

    /** Somebody makes the message that stops the load; Gatling itself only makes it for a plan. */
    public static void stopLoad(Object message) {
        try {
            Class<?> type = message.getClass();
            boolean crashes = (boolean) type.getMethod("crash").invoke(message);
            String why = String.valueOf(type.getMethod("message").invoke(message));
            run.planStops(crashes ? "crashLoadGenerator" : STOP_LOAD_GENERATOR, why);
        } catch (Throwable e) {
            run.hookFailed(e);
        }
    }

    /** The plan stops the load; up to Gatling 3.11, where only the log says why. */
    public static void stopInjector() {
        run.planStops(STOP_LOAD_GENERATOR, "");
    }

    /** A user has come to an exit of the scenario, and may have to take it. */
    public static void exitHere(boolean leaves) {
        if (leaves) {
            run.userLeaves();
        }
    }

    /** All components of a run exist; the load has not begun. */
    public static void components(Object components) {
        try {
            run.components(components);
        } catch (Throwable e) {
            run.hookFailed(e);
        }
    }

    /** The simulation is set up. */
    public static void parameters(Object created) {
        try {
            run.parameters(created);
        } catch (Throwable e) {
            run.hookFailed(e);
        }
    }

    /** What Gatling shall take for the simulation's maximum duration. */
    public static Option<FiniteDuration> maxDuration(Option<FiniteDuration> own) {
        try {
            return run.maxDuration(own);
        } catch (Throwable e) {
            run.hookFailed(e);
            return own;
        }
    }
}
