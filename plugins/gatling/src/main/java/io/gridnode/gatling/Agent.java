package io.gridnode.gatling;

import io.gridnode.sump.Report;
import io.gridnode.sump.Settings;
import io.gridnode.sump.StopFile;
import io.gridnode.sump.StopWatch;
import java.lang.instrument.Instrumentation;
import java.nio.file.Path;
import java.util.function.Function;

/**
 * Where the JVM enters before Gatling's own main class: reads the settings and puts the {@link Transformer} in place.
 *
 * <p>Whatever would let a run go on unseen ends the JVM at once, with a fatal sentence in the report file, before Gatling has
 * sent anything: a load test nobody measures is worse than none.
 */
public final class Agent {
    /** The JVM's exit code when this plug-in refuses to let Gatling run. */
    static final int EXIT_REFUSED = 70;

    private Agent() {}

    /** Called by the JVM, for {@code Premain-Class} in the manifest. */
    public static void premain(String argument, Instrumentation instrumentation) {
        Function<String, String> properties = System::getProperty;
        Path reportFile = Settings.reportFile(properties, System::getenv);
        Report report = new Report(reportFile);
        try {
            Settings settings = Settings.read(properties, System::getenv);
            MaxDuration maxDuration = MaxDuration.read(properties);
            StopFile stopFile = new StopFile(Settings.stopFile(properties, System::getenv));
            Run run = new Run(settings, maxDuration, report, text -> refuse(report, text));
            Hooks.install(run);
            instrumentation.addTransformer(new Transformer(run));
            Runtime.getRuntime().addShutdownHook(new Thread(run::summarize, "gridnode-summary"));
            new StopWatch(stopFile, new Stop(run, report), report).start();
        } catch (Throwable e) {
            refuse(report, "the Gatling plug-in does not start: " + message(e));
        }
    }

    /** Says why and ends the JVM without running anybody's hooks. */
    private static void refuse(Report report, String text) {
        report.fatal(text);
        System.err.println("gridnode: " + text);
        Runtime.getRuntime().halt(EXIT_REFUSED);
    }

    private static String message(Throwable e) {
        return e instanceof IllegalArgumentException && e.getMessage() != null ? e.getMessage() : e.toString();
    }
}
