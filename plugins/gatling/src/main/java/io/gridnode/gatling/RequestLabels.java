package io.gridnode.gatling;

import io.gridnode.sump.LabelCache;
import io.gridnode.sump.LineWriter;
import scala.collection.immutable.List;

/** The encoded labels of requests, so that one that comes again costs neither text nor bytes. Thread safe. */
final class RequestLabels {
    private final LabelCache<Label> cache = new LabelCache<>();

    /** The bytes of a request's label, or, with null for its name, of the groups' own. */
    byte[] of(List<String> groups, String name) {
        int first = LabelCache.first(Label.hash(groups, name));
        for (int i = first; i < first + LabelCache.WAYS; i++) {
            Label label = cache.at(i);
            if (label != null && label.is(groups, name)) {
                return label.encoded;
            }
        }
        String text = Label.text(groups, name);
        byte[] encoded = LineWriter.encodeLabel(text);
        if (text.length() <= LabelCache.CHARS_MAX) {
            cache.put(first, new Label(groups, name, encoded));
        }
        return encoded;
    }
}
