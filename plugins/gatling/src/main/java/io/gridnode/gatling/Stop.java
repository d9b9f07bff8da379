package io.gridnode.gatling;

import io.gridnode.sump.Report;
import io.gridnode.sump.StopWatch;

/** Ends a run of Gatling as the agent asks. */
final class Stop implements StopWatch.Tool {
    /** As if the JVM had obeyed SIGTERM: Gatling's own end is skipped just the same. */
    private static final int EXIT_NOW = 143;

    private final Run run;
    private final Report report;

    Stop(Run run, Report report) {
        this.run = run;
        this.report = report;
    }

    /** Once: some versions take a second request for one not to wait for the log to be written. */
    @Override
    public boolean finish() throws ReflectiveOperationException {
        Object components = run.components();
        if (components == null || !run.hasBegun()) {
            return false;
        }
        run.stopIsAsked();
        Controller.of(components).stop("asked by the agent");
        report.info("asked Gatling's controller to stop the load");
        return true;
    }

    @Override
    public void stopNow() {
        report.info("ended at once, as asked");
        run.summarize();
        run.end();
        Runtime.getRuntime().halt(EXIT_NOW);
    }
}
