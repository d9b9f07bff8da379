package io.gridnode.gatling;

import io.gridnode.sump.LineWriter;
import scala.collection.immutable.List;

/**
 * The encoded labels of the requests seen last, so that a request that comes again costs neither text nor bytes.
 *
 * <p>{@value #SETS} sets of {@value #WAYS} labels: bounded whatever a simulation calls its requests, and nothing to lock. Threads
 * race for a place without harm: a label is immutable and made anew where it is missed.
 */
final class LabelCache {
    private static final int SETS = 1_024;
    private static final int WAYS = 4;
    /** Of a group path's and a name's text; longer ones are made anew each time, so that what is kept stays within some MB. */
    private static final int CHARS_MAX = 1_024;

    private final Label[] labels = new Label[SETS * WAYS];
    private int nextWay;

    /** The bytes of a request's label, or, with null for its name, of the groups' own. */
    byte[] encoded(List<String> groups, String name) {
        int first = (Label.hash(groups, name) & (SETS - 1)) * WAYS;
        for (int i = first; i < first + WAYS; i++) {
            Label label = labels[i];
            if (label != null && label.is(groups, name)) {
                return label.encoded;
            }
        }
        return add(first, groups, name);
    }

    private byte[] add(int first, List<String> groups, String name) {
        String text = Label.text(groups, name);
        byte[] encoded = LineWriter.encodeLabel(text);
        if (text.length() <= CHARS_MAX) {
            int place = first + (nextWay++ & WAYS - 1);
            for (int i = first; i < first + WAYS; i++) {
                if (labels[i] == null) {
                    place = i;
                    break;
                }
            }
            labels[place] = new Label(groups, name, encoded);
        }
        return encoded;
    }
}
