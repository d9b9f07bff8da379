package io.gridnode.gatling;

import io.gridnode.sump.Report;
import java.util.HashSet;
import java.util.Set;

/**
 * What Gatling calls a crash: a request that was never sent because it could not be built, or whose handling failed. Gatling
 * logs it as an error and counts it in no request; so do we: each text is reported once, and all are counted.
 */
final class Crashes {
    /** More different texts are counted only: one with a number in it would otherwise be new each time. */
    static final int TEXTS_MAX = 20;
    private static final int TEXT_CHARS_MAX = 500;

    private final Report report;
    private final Set<String> texts = new HashSet<>();
    private long count;

    Crashes(Report report) {
        this.report = report;
    }

    synchronized void add(String label, String error) {
        count++;
        if (texts.size() >= TEXTS_MAX) {
            return;
        }
        String text = label + ": " + error;
        String cut = text.length() <= TEXT_CHARS_MAX ? text : text.substring(0, TEXT_CHARS_MAX) + "…";
        if (texts.add(cut)) {
            report.warn("Gatling could not send or handle a request, which therefore counts as no request: " + cut);
        }
    }

    synchronized void summarize() {
        if (count > 0) {
            report.warn(count + " requests were not sent or not handled (see above); Gatling calls them errors, not requests");
        }
    }
}
