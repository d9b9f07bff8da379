package io.gridnode.gatling;

import io.gridnode.sump.LabelCache;
import io.gridnode.sump.LineHead;
import scala.collection.immutable.List;

/** The {@link LineHead} of requests and groups, so that one that comes again costs neither text nor bytes. Thread safe. */
final class RequestHeads {
    private final LabelCache<Label> cache = new LabelCache<>();
    private final LineHead head;

    RequestHeads(LineHead head) {
        this.head = head;
    }

    /** For a request in these groups, or, with null for its name, for the groups themselves. Not to be changed. */
    byte[] of(List<String> groups, String name) {
        int first = LabelCache.first(Label.hash(groups, name));
        for (int i = first; i < first + LabelCache.WAYS; i++) {
            Label label = cache.at(i);
            if (label != null && label.is(groups, name)) {
                return label.head;
            }
        }
        String text = Label.text(groups, name);
        byte[] made = head.of(text);
        if (text != null && text.length() <= LabelCache.CHARS_MAX) {
            cache.put(first, new Label(groups, name, made));
        }
        return made;
    }
}
