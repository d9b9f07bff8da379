package io.gridnode.gatling;

import io.gatling.commons.stats.Status;
import io.gatling.core.session.GroupBlock;
import io.gatling.core.session.Session;
import io.gatling.http.response.HttpResult;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import scala.Option;
import scala.concurrent.duration.FiniteDuration;

/** Stands where {@link Hooks} stands and writes down what it is called with. */
public final class RecordingHooks {
    static final List<String> CALLS = new ArrayList<>();

    private RecordingHooks() {}

    public static void engineStart() {
        CALLS.add("start");
    }

    public static void engineStop() {
        CALLS.add("stop");
    }

    public static void response(
            AtomicBoolean active,
            scala.collection.immutable.List<String> groups,
            String name,
            long startMs,
            long endMs,
            Status status,
            Option<String> code,
            Option<String> message) {
        CALLS.add("response " + active + " " + groups + " " + name + " " + startMs + " " + endMs + " " + status + " " + code + " " + message);
    }

    public static void httpResult(Session session, Status status, HttpResult result, Option<String> message) {
        CALLS.add("http " + session + " " + status + " " + result + " " + message);
    }

    public static boolean keepsBody(boolean kept, HttpResponseStatus status, int length, ByteBuf part) {
        return kept;
    }

    public static void groupEnd(AtomicBoolean active, GroupBlock group, long endMs) {
        CALLS.add("group " + active + " " + group.groups() + " " + endMs);
    }

    public static void userStart(AtomicBoolean active) {
        CALLS.add("user start " + active);
    }

    public static void userEnd(AtomicBoolean active) {
        CALLS.add("user end " + active);
    }

    public static void crash(AtomicBoolean active, scala.collection.immutable.List<String> groups, String name, String error) {
        CALLS.add("crash " + active + " " + groups + " " + name + " " + error);
    }

    public static void components(Object created) {
        CALLS.add("components " + created.getClass().getSimpleName());
    }

    public static void parameters(Object created) {
        CALLS.add("parameters " + created.getClass().getSimpleName());
    }

    public static Option<FiniteDuration> maxDuration(Option<FiniteDuration> own) {
        CALLS.add("max duration " + own);
        return own;
    }
}
