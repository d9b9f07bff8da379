package io.gridnode.jmeter;

import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import org.apache.jmeter.samplers.SampleResult;

/**
 * The requests that a result came to: each that was sent once, in their order. JMeter puts a copy around what it followed or
 * downloaded, with what the last answer said, and one behind it where it gave up: neither was sent. A copy has the very URL of its
 * original; each request that is sent has its own.
 */
final class Requests {
    /** As deep as a sample's results are looked at elsewhere. */
    private static final int DEPTH_MAX = 10;

    private final List<SampleResult> sent = new ArrayList<>();
    private final Set<SampleResult> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    private final SampleResult result;

    private Requests(SampleResult result) {
        this.result = result;
        add(result, 0);
    }

    static Requests of(SampleResult result) {
        return new Requests(result);
    }

    /** The one that the result as a whole stands for: the end of its redirects, or the page that has the others within it. */
    SampleResult own() {
        for (SampleResult request : sent) {
            if (request == result || isSameUrl(request, result)) {
                return request;
            }
        }
        return result;
    }

    /** In their order. */
    List<SampleResult> others() {
        SampleResult own = own();
        List<SampleResult> others = new ArrayList<>(sent);
        others.removeIf(request -> request == own);
        return others;
    }

    private void add(SampleResult at, int depth) {
        // One may have itself within it.
        if (depth > DEPTH_MAX || !seen.add(at)) {
            return;
        }
        SampleResult[] parts = at.getSubResults();
        if (!isAround(at, parts)) {
            sent.add(at);
        }
        for (SampleResult part : parts) {
            if (!isGivenUp(part)) {
                add(part, depth + 1);
            }
        }
    }

    /** Whether what it repeats is within it: a page without an answer is none, where it has one itself. */
    private static boolean isAround(SampleResult at, SampleResult[] parts) {
        for (SampleResult part : parts) {
            if (part != at && isSameUrl(part, at) && (isAnswered(part) || !isAnswered(at))) {
                return true;
            }
        }
        return false;
    }

    /** Where JMeter would have sent one more, its error is in a copy of the last that was. */
    private boolean isGivenUp(SampleResult part) {
        if (isAnswered(part)) {
            return false;
        }
        for (SampleResult request : sent) {
            if (isSameUrl(part, request) && part.getResponseHeaders() == request.getResponseHeaders()) {
                return true;
            }
        }
        return false;
    }

    private static boolean isAnswered(SampleResult result) {
        return HttpPart.status(result) > 0;
    }

    private static boolean isSameUrl(SampleResult one, SampleResult other) {
        return one.getURL() != null && one.getURL() == other.getURL();
    }
}
