package io.gridnode.sump;

import java.util.concurrent.TimeUnit;

/**
 * Looks every {@value #LOOK_MS} ms whether the agent asks for the run's end, on a thread of its own, and hands the request to the
 * tool. What a tool cannot do now it is asked again at the next look; what it has done it is not asked twice.
 */
public final class StopWatch {
    private static final long LOOK_MS = 100;

    /** What ends a run. Called by the watching thread only. */
    public interface Tool {
        /**
         * Lets what is under way end, then stops.
         *
         * @return whether that is under way now; if not, this is called again
         * @throws Exception when it cannot be: this is called again
         */
        boolean finish() throws Exception;

        /**
         * Ends at once.
         *
         * @throws Exception when it cannot: this is called again
         */
        void stopNow() throws Exception;
    }

    private final StopFile file;
    private final Tool tool;
    private final Log log;
    private final Thread thread = new Thread(this::watch, "gridnode-stop");
    private boolean finishAsked;
    private boolean nowAsked;
    private boolean failureLogged;

    /** @param log is told of the first failure */
    public StopWatch(StopFile file, Tool tool, Log log) {
        this.file = file;
        this.tool = tool;
        this.log = log;
    }

    /** Begins to look. */
    public void start() {
        thread.setDaemon(true);
        thread.start();
    }

    /** Looks no more. */
    public void end() {
        thread.interrupt();
    }

    private void watch() {
        try {
            while (true) {
                TimeUnit.MILLISECONDS.sleep(LOOK_MS);
                look();
            }
        } catch (InterruptedException e) {
            // Its run has ended, or the JVM.
            Thread.currentThread().interrupt();
        }
    }

    /** Whatever goes wrong in the tool, a later request must still be heard. */
    private void look() throws InterruptedException {
        try {
            switch (file.look()) {
                case FINISH:
                    finishAsked = finishAsked || tool.finish();
                    break;
                case NOW:
                    if (!nowAsked) {
                        tool.stopNow();
                        nowAsked = true;
                    }
                    break;
                default:
                    break;
            }
        } catch (InterruptedException e) {
            throw e;
        } catch (Exception | LinkageError e) {
            if (!failureLogged) {
                failureLogged = true;
                log.warn("failed to end as the agent asks (" + e + "); a signal must do it");
            }
        }
    }
}
