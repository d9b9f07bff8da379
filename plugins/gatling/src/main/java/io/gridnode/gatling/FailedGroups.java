package io.gridnode.gatling;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import scala.collection.immutable.List;

/**
 * Why a group fails. Gatling says only that it has, and its records name no user, so which request of this very passage did it is
 * not known: the first of the run is named as an example. Thread safe.
 */
final class FailedGroups {
    /** Groups that are told apart: their names may have a number of each user's. */
    static final int GROUPS_MAX = 1_000;
    private static final String UNKNOWN = "marked as failed without a failed request: a function in it threw, or the plan marks it";

    private final ConcurrentMap<String, String> reasons = new ConcurrentHashMap<>();

    void requestFailed(List<String> groups, String name) {
        remember(groups, "a request in it failed, such as " + name);
    }

    void requestNotSent(List<String> groups, String name) {
        remember(groups, "a request in it was not sent, such as " + name);
    }

    /** A sentence without its dot. */
    String reason(List<String> groups) {
        return reasons.getOrDefault(Label.text(groups, null), UNKNOWN);
    }

    /** A request fails all groups around it. */
    private void remember(List<String> groups, String reason) {
        String path = groups.isEmpty() ? "" : Label.text(groups, null);
        while (!path.isEmpty() && reasons.size() < GROUPS_MAX && reasons.putIfAbsent(path, reason) == null) {
            int end = path.lastIndexOf(Label.SEPARATOR);
            path = end < 0 ? "" : path.substring(0, end);
        }
    }
}
