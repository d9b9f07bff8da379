package io.flood.selenium;

import io.gridnode.sump.Report;
import io.gridnode.sump.Settings;
import io.gridnode.sump.Source;
import io.gridnode.sump.trace.Traces;
import java.io.IOException;
import java.util.function.UnaryOperator;

/** This JVM as a source of samples. */
final class ThisJvm {
    private static final String FLOOD_DEFAULT = "1";

    /** Opened when the first one asks, and tried only once: an environment does not change. */
    private static final class Only {
        static final Source SOURCE = open(System::getenv);
        static final Capture CAPTURE = capture(System::getenv, SOURCE);
    }

    private ThisJvm() {
    }

    /** One for all {@link FloodSump}s; null when there can be none. */
    static Source source() {
        return Only.SOURCE;
    }

    /** One for all {@link FloodSump}s. */
    static Capture capture() {
        return Only.CAPTURE;
    }

    /** @param source null: a plan that is run by hand, and has pictures of its failures all the same */
    static Capture capture(UnaryOperator<String> environment, Source source) {
        Screenshots screenshots =
                new Screenshots(environment.apply("GRIDNODE_SCREENSHOTS_DIR"), source == null ? "none" : source.name());
        // Where there is a source, the settings have been read without an error.
        Traces traces = source == null ? null : Traces.start(settings(environment), source.name(), new Report(null));
        return new Capture(traces, screenshots);
    }

    /** Null, and a line on standard error, when there can be none: a plan runs all the same. */
    static Source open(UnaryOperator<String> environment) {
        try {
            return Source.open(settings(environment), new Report(null));
        } catch (IOException | RuntimeException e) {
            System.err.println("gridnode: no results are sent: " + e.getMessage());
            return null;
        }
    }

    private static Settings settings(UnaryOperator<String> environment) {
        // System properties are the plan's own: they must not lead its results astray.
        return Settings.read(name -> null, name -> setting(environment, name));
    }

    /** Plans are also run by hand, where nobody names a flood. */
    private static String setting(UnaryOperator<String> environment, String name) {
        String value = environment.apply(name);
        String text = value == null ? "" : value.trim();
        return text.isEmpty() && name.equals("FLOOD_SEQUENCE_ID") ? FLOOD_DEFAULT : text;
    }
}
