package io.gridnode.jmeter;

import java.nio.file.Path;
import java.util.Map;
import java.util.function.Function;

/**
 * Where the results go. Each setting is looked up as a JMeter property, then as a system property, then in the environment.
 *
 * <table>
 * <caption>Settings</caption>
 * <tr><th>property</th><th>environment</th><th>default</th></tr>
 * <tr><td>gridnode.flood</td><td>FLOOD_SEQUENCE_ID</td><td>none: required</td></tr>
 * <tr><td>gridnode.sump_host</td><td>FLOOD_SUMP_HOST</td><td>127.0.0.1</td></tr>
 * <tr><td>gridnode.sump_port</td><td>FLOOD_SUMP_PORT</td><td>35663</td></tr>
 * <tr><td>gridnode.final_dir</td><td>GRIDNODE_TRACE_DIR</td><td>none: no file is written</td></tr>
 * </table>
 */
final class Settings {
    static final String FLOOD = "gridnode.flood";
    static final String SUMP_HOST = "gridnode.sump_host";
    static final String SUMP_PORT = "gridnode.sump_port";
    static final String FINAL_DIR = "gridnode.final_dir";

    private static final Map<String, String> ENVIRONMENT = Map.of(
            FLOOD, "FLOOD_SEQUENCE_ID",
            SUMP_HOST, "FLOOD_SUMP_HOST",
            SUMP_PORT, "FLOOD_SUMP_PORT",
            FINAL_DIR, "GRIDNODE_TRACE_DIR");
    private static final String SUMP_HOST_DEFAULT = "127.0.0.1";
    private static final String SUMP_PORT_DEFAULT = "35663";

    final String flood;
    final String sumpHost;
    final int sumpPort;
    /** Null when no closing file is wanted. */
    final Path finalDir;

    private Settings(String flood, String sumpHost, int sumpPort, Path finalDir) {
        this.flood = flood;
        this.sumpHost = sumpHost;
        this.sumpPort = sumpPort;
        this.finalDir = finalDir;
    }

    /**
     * @param properties name to value or null: JMeter's and the system's properties
     * @param environment name to value or null
     * @throws IllegalArgumentException with a sentence that says which setting is wrong and what it must be
     */
    static Settings read(Function<String, String> properties, Function<String, String> environment) {
        Function<String, String> lookup = name -> {
            String value = properties.apply(name);
            return value == null || value.isEmpty() ? environment.apply(ENVIRONMENT.get(name)) : value;
        };
        String flood = lookup.apply(FLOOD);
        if (flood == null || flood.isEmpty()) {
            throw new IllegalArgumentException(
                    "the property " + FLOOD + " (or the variable FLOOD_SEQUENCE_ID) must name the flood the results belong to");
        }
        String dir = lookup.apply(FINAL_DIR);
        return new Settings(
                flood,
                orElse(lookup.apply(SUMP_HOST), SUMP_HOST_DEFAULT),
                port(orElse(lookup.apply(SUMP_PORT), SUMP_PORT_DEFAULT)),
                dir == null || dir.isEmpty() ? null : Path.of(dir));
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
        throw new IllegalArgumentException("the property " + SUMP_PORT + " must be a port (1 to 65535), not \"" + text + "\"");
    }
}
