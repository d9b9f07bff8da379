package io.gridnode.gatling;

import io.gridnode.sump.Report;
import io.gridnode.sump.StopFile;
import java.io.IOException;
import java.util.concurrent.TimeUnit;

/** Looks every {@value #LOOK_MS} ms whether the agent asks for the run's end, on a thread of its own. */
final class StopWatch {
    private static final long LOOK_MS = 100;
    /** As if the JVM had obeyed SIGTERM: Gatling's own end is skipped just the same. */
    private static final int EXIT_NOW = 143;

    private final StopFile file;
    private final Run run;
    private final Report report;
    private boolean finishAsked;
    private boolean failureReported;

    StopWatch(StopFile file, Run run, Report report) {
        this.file = file;
        this.run = run;
        this.report = report;
    }

    void start() {
        Thread thread = new Thread(this::watch, "gridnode-stop");
        thread.setDaemon(true);
        thread.start();
    }

    private void watch() {
        try {
            while (true) {
                TimeUnit.MILLISECONDS.sleep(LOOK_MS);
                look();
            }
        } catch (InterruptedException e) {
            // Nobody interrupts this thread but a JVM that ends.
            Thread.currentThread().interrupt();
        }
    }

    private void look() {
        try {
            switch (file.look()) {
                case FINISH:
                    finish();
                    break;
                case NOW:
                    report.info("ended at once, as asked");
                    run.summarize();
                    run.end();
                    Runtime.getRuntime().halt(EXIT_NOW);
                    break;
                default:
                    break;
            }
        } catch (IOException | ReflectiveOperationException | RuntimeException | LinkageError e) {
            if (!failureReported) {
                failureReported = true;
                report.warn("failed to ask Gatling to end (" + e + "); a signal must end it");
            }
        }
    }

    /** Once: some versions take a second request for one not to wait for the log to be written. */
    private void finish() throws ReflectiveOperationException {
        Object components = run.components();
        if (finishAsked || components == null || !run.hasBegun()) {
            return;
        }
        finishAsked = true;
        Controller.of(components).stop("asked by the agent");
        report.info("asked Gatling's controller to stop the load");
    }
}
