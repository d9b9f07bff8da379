package io.gridnode.gatling;

import io.gridnode.sump.Report;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * What Gatling calls a crash: a request that was never sent because it could not be built, or whose handling failed. Gatling
 * logs it as an error and counts it in no request; so do we: each text is reported once, and all are counted by their label.
 */
final class Crashes {
    /** More different texts are counted only: one with a number in it would otherwise be new each time. */
    static final int TEXTS_MAX = 20;
    /** Labels that are told apart. */
    static final int LABELS_MAX = 20;
    private static final int TEXT_CHARS_MAX = 500;

    private final Report report;
    private final Set<String> texts = new HashSet<>();
    private final Map<String, Unsent> labels = new LinkedHashMap<>();
    private Unsent others;

    private static final class Unsent {
        final String first;
        long count = 1;

        Unsent(String first) {
            this.first = first;
        }
    }

    Crashes(Report report) {
        this.report = report;
    }

    synchronized void add(String label, String error) {
        count(label, error);
        if (texts.size() >= TEXTS_MAX) {
            return;
        }
        String cut = cut(label + ": " + error);
        if (texts.add(cut)) {
            report.warn("Gatling could not send or handle a request, which therefore counts as no request: " + cut);
        }
    }

    /** Once, at the end: how often which request was not sent. */
    synchronized void summarize() {
        labels.forEach((label, unsent) -> report.unsent(label, unsent.count, unsent.first));
        if (others != null) {
            report.unsent(null, others.count, others.first);
        }
    }

    private void count(String label, String error) {
        Unsent known = labels.get(label);
        if (known != null) {
            known.count++;
        } else if (labels.size() < LABELS_MAX) {
            labels.put(label, new Unsent(cut(error)));
        } else if (others != null) {
            others.count++;
        } else {
            others = new Unsent(cut(error));
        }
    }

    private static String cut(String text) {
        return text.length() <= TEXT_CHARS_MAX ? text : text.substring(0, TEXT_CHARS_MAX) + "…";
    }
}
