package io.gridnode.sump.trace;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;

/**
 * What error traces there are. Each setting is looked up as a property, then in the environment: {@code gridnode.trace_key} or
 * {@code GRIDNODE_TRACE_KEY}.
 *
 * <table>
 * <caption>Settings</caption>
 * <tr><th>property</th><th>default</th></tr>
 * <tr><td>gridnode.trace_key</td><td>none, and then there are no traces</td></tr>
 * <tr><td>gridnode.traces_per_label</td><td>5 a kind of failure and window</td></tr>
 * <tr><td>gridnode.traces_per_window</td><td>100</td></tr>
 * <tr><td>gridnode.window_s</td><td>15</td></tr>
 * <tr><td>gridnode.trace_slower_ms</td><td>none: only failures have traces</td></tr>
 * <tr><td>gridnode.trace_secrets</td><td>none: the usual names</td></tr>
 * </table>
 */
public final class TraceSettings {
    private static final int PER_LABEL_DEFAULT = 5;
    private static final int PER_WINDOW_DEFAULT = 100;
    private static final int WINDOW_S_DEFAULT = 15;
    /** So that a wrong number cannot fill a disk. */
    private static final int PER_WINDOW_MAX = 10_000;
    private static final int WINDOW_S_MAX = 3_600;

    final Path dir;
    final byte[] key;
    final int perLabel;
    final int perWindow;
    final long windowMs;
    /** Negative: slow successes have none. */
    final long slowerMs;
    /** Names of secrets beside the usual ones. */
    final List<String> secrets;

    private TraceSettings(Path dir, String key, Function<String, String> lookup) {
        this.dir = dir;
        this.key = key(key);
        perLabel = number(lookup, "traces_per_label", 0, PER_WINDOW_MAX, PER_LABEL_DEFAULT);
        perWindow = number(lookup, "traces_per_window", 0, PER_WINDOW_MAX, PER_WINDOW_DEFAULT);
        windowMs = 1_000L * number(lookup, "window_s", 1, WINDOW_S_MAX, WINDOW_S_DEFAULT);
        slowerMs = number(lookup, "trace_slower_ms", 0, Integer.MAX_VALUE, -1);
        secrets = names(lookup.apply("trace_secrets"));
    }

    /**
     * @param dir where traces are written, or null
     * @return null when there are none
     * @throws IllegalArgumentException with a sentence that says which setting is wrong and what it must be
     */
    public static TraceSettings read(Path dir, Function<String, String> properties, Function<String, String> environment) {
        Function<String, String> lookup = name -> {
            String value = properties.apply("gridnode." + name);
            value = value == null || value.isEmpty() ? environment.apply(variable(name)) : value;
            return value == null ? "" : value.trim();
        };
        String key = lookup.apply("trace_key");
        return dir == null || key.isEmpty() ? null : new TraceSettings(dir, key, lookup);
    }

    private static String variable(String name) {
        return "GRIDNODE_" + name.toUpperCase(Locale.ROOT);
    }

    static byte[] key(String hex) {
        if (!hex.matches("([0-9a-fA-F]{2})+")) {
            // What it is must not be in a log.
            throw new IllegalArgumentException("the property gridnode.trace_key (or the variable GRIDNODE_TRACE_KEY) must be bytes "
                    + "in base 16, two digits each");
        }
        byte[] key = new byte[hex.length() / 2];
        for (int i = 0; i < key.length; i++) {
            key[i] = (byte) Integer.parseInt(hex.substring(2 * i, 2 * i + 2), 16);
        }
        return key;
    }

    private static int number(Function<String, String> lookup, String name, int min, int max, int fallback) {
        String text = lookup.apply(name);
        if (text.isEmpty()) {
            return fallback;
        }
        try {
            int number = Integer.parseInt(text);
            if (number >= min && number <= max) {
                return number;
            }
        } catch (NumberFormatException e) {
            // The sentence below says it.
        }
        throw new IllegalArgumentException("the property gridnode." + name + " (or the variable " + variable(name)
                + ") must be a number from " + min + " to " + max + ", not \"" + text + "\"");
    }

    private static List<String> names(String text) {
        List<String> names = new ArrayList<>();
        for (String name : text.split(",")) {
            if (name.isBlank()) {
                continue;
            }
            if (SecretNames.full(name).isEmpty()) {
                throw new IllegalArgumentException("the property gridnode.trace_secrets (or the variable "
                        + variable("trace_secrets") + ") must be names that have a letter or a digit, not \"" + name.trim() + "\"");
            }
            names.add(name.trim());
        }
        return names;
    }
}
