package io.gridnode.sump;

import io.gridnode.sump.trace.TraceSettings;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.Function;

/**
 * Where the results go. Each setting is looked up as a property (the tool's own or the system's), then in the environment.
 *
 * <table>
 * <caption>Settings</caption>
 * <tr><th>property</th><th>environment</th><th>default</th></tr>
 * <tr><td>gridnode.flood</td><td>FLOOD_SEQUENCE_ID</td><td>none: required</td></tr>
 * <tr><td>gridnode.sump_host</td><td>FLOOD_SUMP_HOST</td><td>127.0.0.1</td></tr>
 * <tr><td>gridnode.sump_port</td><td>FLOOD_SUMP_PORT</td><td>35663</td></tr>
 * <tr><td>gridnode.final_dir</td><td>GRIDNODE_TRACE_DIR</td><td>none: no file is written</td></tr>
 * <tr><td>gridnode.report_file</td><td>GRIDNODE_REPORT_FILE</td><td>none: no file is written</td></tr>
 * <tr><td>gridnode.stop_file</td><td>GRIDNODE_STOP_FILE</td><td>none: no file is looked for</td></tr>
 * </table>
 *
 * <p>Those of error traces are in {@link TraceSettings}.
 */
public final class Settings {
    static final String FLOOD = "gridnode.flood";
    static final String SUMP_HOST = "gridnode.sump_host";
    static final String SUMP_PORT = "gridnode.sump_port";
    static final String FINAL_DIR = "gridnode.final_dir";
    static final String REPORT_FILE = "gridnode.report_file";
    static final String STOP_FILE = "gridnode.stop_file";

    private static final Map<String, String> ENVIRONMENT = Map.of(
            FLOOD, "FLOOD_SEQUENCE_ID",
            SUMP_HOST, "FLOOD_SUMP_HOST",
            SUMP_PORT, "FLOOD_SUMP_PORT",
            FINAL_DIR, "GRIDNODE_TRACE_DIR",
            REPORT_FILE, "GRIDNODE_REPORT_FILE",
            STOP_FILE, "GRIDNODE_STOP_FILE");
    private static final String SUMP_HOST_DEFAULT = "127.0.0.1";
    private static final String SUMP_PORT_DEFAULT = "35663";

    /** The tag of every line. */
    public final String flood;
    /** Where the agent listens: a name or an address. */
    public final String sumpHost;
    /** Where the agent listens: 1 to 65535. */
    public final int sumpPort;
    /** Null when no closing file is wanted. */
    public final Path finalDir;
    /** Null when no error traces are wanted. */
    public final TraceSettings traces;

    private Settings(String flood, String sumpHost, int sumpPort, Path finalDir, TraceSettings traces) {
        this.flood = flood;
        this.sumpHost = sumpHost;
        this.sumpPort = sumpPort;
        this.finalDir = finalDir;
        this.traces = traces;
    }

    /**
     * @param properties name to value or null: the tool's and the system's properties
     * @param environment name to value or null
     * @throws IllegalArgumentException with a sentence that says which setting is wrong and what it must be
     */
    public static Settings read(Function<String, String> properties, Function<String, String> environment) {
        Function<String, String> lookup = lookup(properties, environment);
        String flood = lookup.apply(FLOOD);
        if (flood == null || flood.isEmpty()) {
            throw new IllegalArgumentException(
                    "the property " + FLOOD + " (or the variable FLOOD_SEQUENCE_ID) must name the flood the results belong to");
        }
        Path finalDir = path(lookup.apply(FINAL_DIR));
        return new Settings(
                flood,
                orElse(lookup.apply(SUMP_HOST), SUMP_HOST_DEFAULT),
                port(orElse(lookup.apply(SUMP_PORT), SUMP_PORT_DEFAULT)),
                finalDir,
                TraceSettings.read(finalDir, properties, environment));
    }

    /** Where to report to, or null; apart from {@link #read} so that a bad setting can be reported, too. */
    public static Path reportFile(Function<String, String> properties, Function<String, String> environment) {
        return path(lookup(properties, environment).apply(REPORT_FILE));
    }

    /** Where the request to end will appear, or null. */
    public static Path stopFile(Function<String, String> properties, Function<String, String> environment) {
        return path(lookup(properties, environment).apply(STOP_FILE));
    }

    private static Function<String, String> lookup(
            Function<String, String> properties, Function<String, String> environment) {
        return name -> {
            String value = properties.apply(name);
            return value == null || value.isEmpty() ? environment.apply(ENVIRONMENT.get(name)) : value;
        };
    }

    private static Path path(String text) {
        return text == null || text.isEmpty() ? null : Path.of(text);
    }

    private static String orElse(String value, String fallback) {
        return value == null || value.isEmpty() ? fallback : value;
    }

    private static int port(String text) {
        try {
            int port = Integer.parseInt(text.trim());
            if (port >= 1 && port <= 65_535) {
                return port;
            }
        } catch (NumberFormatException e) {
            // The sentence below says it.
        }
        throw new IllegalArgumentException("the property " + SUMP_PORT
                + " (or the variable FLOOD_SUMP_PORT) must be a port (1 to 65535), not \"" + text + "\"");
    }
}
