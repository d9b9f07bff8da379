package io.gridnode.gatling;

import io.gatling.commons.stats.OK$;
import io.gatling.commons.stats.Status;
import io.gridnode.sump.LineHead;
import io.gatling.core.session.Session;
import io.gatling.http.response.HttpResult;
import io.gridnode.sump.Report;
import io.gridnode.sump.Sample;
import io.gridnode.sump.Settings;
import io.gridnode.sump.Source;
import io.gridnode.sump.UserCounts;
import io.gridnode.sump.trace.Traces;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import scala.Option;
import scala.collection.immutable.List;
import scala.concurrent.duration.FiniteDuration;

/**
 * One run of a simulation: what Gatling's records become. Its hooks are called by several threads of Gatling at once.
 *
 * <p>A response costs next to no garbage once its label is known: the sample is the thread's own, how its line begins comes from memory.
 */
final class Run {
    private static final String SUPPORTED = "use a supported version (3.9 to 3.15)";
    private static final String NOTHING_RUN = "no response could be counted, so nothing is run; " + SUPPORTED;

    private final Settings settings;
    private final MaxDuration maxDuration;
    private final Report report;
    private final Consumer<String> refuse;
    private final RequestHeads heads;
    private final Crashes crashes;
    private final FailedGroups failedGroups = new FailedGroups();
    private final ThreadLocal<Sample> samples = ThreadLocal.withInitial(Sample::new);
    private final AtomicLong started = new AtomicLong();
    private final AtomicLong finished = new AtomicLong();
    private final LongAdder hookFailures = new LongAdder();
    private volatile Source source;
    /** Both null when there are none. */
    private volatile Traces traces;
    private volatile Capture capture;
    private volatile boolean responsesPatched;
    private volatile boolean maxDurationAsked;
    private volatile boolean hookFailureReported;
    private volatile boolean endPatched;
    private volatile boolean ended;
    private volatile Object components;
    /** Of the simulation; one where it is not known. */
    private volatile int assertions = 1;
    private volatile boolean stopAsked;
    private volatile long beganNs;
    private final LongAdder left = new LongAdder();
    private Ended endedItself;

    /** The plan's own end: why, and how far the load had come. */
    private static final class Ended {
        final String by;
        final String why;
        final long users;
        final long ranS;

        Ended(String by, String why, long users, long ranS) {
            this.by = by;
            this.why = why;
            this.users = users;
            this.ranS = ranS;
        }
    }

    /** @param refuse says why nothing may be run and ends the JVM */
    Run(Settings settings, MaxDuration maxDuration, Report report, Consumer<String> refuse) {
        this.settings = settings;
        this.heads = new RequestHeads(new LineHead(settings.flood));
        this.refuse = refuse;
        this.maxDuration = maxDuration;
        this.report = report;
        this.crashes = new Crashes(report);
    }

    /** A class that we patch is being loaded. Does not return when the responses could not be counted. */
    void classLoaded(String name, Patches.Result result, String gatlingVersion) {
        if (!result.missingRequired.isEmpty()) {
            refuse.accept("Gatling " + gatlingVersion + " has no " + String.join(", ", result.missingRequired)
                    + ": " + NOTHING_RUN);
        }
        if (name.equals(Patches.ENGINE)) {
            responsesPatched = true;
            endPatched = result.patched.contains(Patches.ENGINE_STOP);
        }
        if (!result.patched.isEmpty()) {
            report.info("patched: " + String.join(", ", result.patched) + "; Gatling " + gatlingVersion);
        }
        for (String missing : result.missingOptional) {
            report.warn("Gatling " + gatlingVersion + " has no " + missing + ", so what it does is not seen; " + SUPPORTED);
        }
    }

    /** A class that we patch is being loaded as it is. Does not return when the responses could not be counted. */
    void classNotPatched(String name, Throwable e) {
        if (name.equals(Patches.ENGINE)) {
            refuse.accept("failed to patch " + name + " (" + e + "): " + NOTHING_RUN);
        }
        report.warn("failed to patch " + name + " (" + e + "), so what it does is not seen; " + SUPPORTED);
    }

    /** Opens the source; the first datagram tells the agent that the load begins. */
    synchronized void begin() {
        if (source != null) {
            return;
        }
        if (components == null) {
            report.warn("Gatling's controller was not found: a graceful stop will not work, only a signal ends this run");
        }
        if (maxDuration.seconds > 0 && !maxDurationAsked) {
            report.warn("this Gatling asks for no maximum duration: the load may last longer than " + maxDuration.seconds + " s");
        }
        try {
            beganNs = System.nanoTime();
            source = Source.start(settings, this::users, report);
        } catch (IOException | RuntimeException e) {
            refuse.accept("no results can be sent to " + settings.sumpHost + ":" + settings.sumpPort + ": " + e);
            return;
        }
        traces = Traces.start(settings, source.name(), report);
        capture = traces == null ? null : new Capture(traces);
    }

    /** Called before the load begins: the last moment to find that the engine in use is one we do not hear. */
    void components(Object created) {
        if (!responsesPatched) {
            refuse.accept("this Gatling does not use " + Patches.ENGINE + ": " + NOTHING_RUN);
        }
        components = created;
    }

    /** @param created Gatling's SimulationParams; some copies of it are made, and the last is the one that is run */
    void parameters(Object created) throws ReflectiveOperationException {
        Object found = created.getClass().getMethod("assertions").invoke(created);
        assertions = found == null ? 0 : ((scala.collection.Iterable<?>) found).size();
    }

    void response(
            List<String> groups,
            String name,
            long startMs,
            long endMs,
            Status status,
            Option<String> code,
            Option<String> message) {
        Sample sample = samples.get();
        sample.head = heads.of(groups, name);
        sample.transaction = false;
        sample.rtMs = endMs - startMs;
        sample.ok = status == OK$.MODULE$;
        sample.code = code.isEmpty() ? null : code.get();
        sample.error = sample.ok || message.isEmpty() ? null : message.get();
        sample.endMs = endMs;
        if (!sample.ok) {
            failedGroups.requestFailed(groups, name);
        }
        open().send(sample);
        if (capture != null) {
            capture.response(sample, groups, name, startMs);
        }
    }

    /** What the next response on this thread was asked for and answered with. */
    void httpResult(Session session, Status status, HttpResult result) {
        if (capture != null) {
            capture.http(session, status == OK$.MODULE$, result);
        }
    }

    /** See {@link Capture#keepsBody}. */
    boolean keepsBody(int status, int before) {
        return capture != null && capture.keepsBody(status, before);
    }

    /** @param cumulatedMs the response times of the group's requests added up: what Gatling itself reports of a group */
    void groupEnd(List<String> groups, int cumulatedMs, Status status, long endMs) {
        Sample sample = samples.get();
        sample.head = heads.of(groups, null);
        sample.transaction = true;
        sample.rtMs = cumulatedMs;
        sample.ok = status == OK$.MODULE$;
        sample.code = null;
        sample.error = sample.ok ? null : failedGroups.reason(groups);
        sample.endMs = endMs;
        open().send(sample);
    }

    /** Gatling has come to the end of the load. Responses may still be on their way here. */
    void ended() {
        ended = true;
    }

    void userStart() {
        started.getAndIncrement();
    }

    void userEnd() {
        finished.getAndIncrement();
    }

    void crash(List<String> groups, String name, String error) {
        failedGroups.requestNotSent(groups, name);
        crashes.add(Label.text(groups, name), error);
    }

    /** From now on it is not the plan that stops the load. */
    void stopIsAsked() {
        stopAsked = true;
    }

    /**
     * The first time counts: each user may say it once more.
     *
     * @param by what the plan calls for that
     */
    synchronized void planStops(String by, String why) {
        if (!stopAsked && !ended && endedItself == null) {
            endedItself = new Ended(by, why, started.get(), (System.nanoTime() - beganNs) / 1_000_000_000L);
        }
    }

    void userLeaves() {
        left.increment();
    }

    Option<FiniteDuration> maxDuration(Option<FiniteDuration> own) {
        maxDurationAsked = true;
        return maxDuration.limit(own);
    }

    void hookFailed(Throwable e) {
        hookFailures.increment();
        if (!hookFailureReported) {
            hookFailureReported = true;
            report.warn("the Gatling plug-in failed to take a record, which is missing from the results: " + e
                    + " (further failures are counted only)");
        }
    }

    /** The load has begun; before that Gatling's controller does not understand a stop. */
    boolean hasBegun() {
        return source != null;
    }

    /** Gatling's CoreComponents, or null before they exist. */
    Object components() {
        return components;
    }

    /** Sends what is there and closes the source. */
    void end() {
        Source open = source;
        if (open != null) {
            open.end();
        }
        Traces written = traces;
        if (written != null) {
            written.end();
        }
    }

    /** At the JVM's end: the counts of what was reported by example only. */
    void summarize() {
        if (!responsesPatched && maxDurationAsked) {
            report.fatal("the simulation ran without " + Patches.ENGINE + ": nothing was counted; " + SUPPORTED);
        } else if (source == null) {
            report.notBegun("Gatling ended before its load began");
        } else if (source != null && endPatched && !ended) {
            String by = Exits.foreign();
            report.cutShort("the simulation was cut short: something ended the JVM before the load was over, "
                    + (by == null ? "such as System.exit in a script" : "System.exit in " + by)
                    + "; what was measured until then is kept");
        } else if (ended) {
            exitedAfter(Exits.foreign());
        }
        crashes.summarize();
        summarizeEnd();
        if (hookFailures.sum() > 0) {
            report.warn("the Gatling plug-in failed to take " + hookFailures.sum() + " records, which are missing from the results");
        }
    }

    /** Gatling's own exit comes when all is judged; a plan's ({@code after}, another thread) before. */
    void exitedAfter(String by) {
        if (by != null) {
            report.exitedAfter(assertions, "System.exit in " + by);
        }
    }

    private synchronized void summarizeEnd() {
        if (endedItself != null) {
            report.endedItself(endedItself.by, endedItself.why, endedItself.users, endedItself.ranS);
        }
        if (left.sum() > 0) {
            report.leftEarly(left.sum(), started.get());
        }
    }

    private Source open() {
        Source open = source;
        if (open == null) {
            begin();
            open = source;
        }
        return open;
    }

    private UserCounts users() {
        // In this order: a user that comes and goes in between must not make the active ones negative.
        long done = finished.get();
        long begun = started.get();
        return new UserCounts(begun - done, begun, done);
    }
}
