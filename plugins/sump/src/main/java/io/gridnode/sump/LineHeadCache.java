package io.gridnode.sump;

/** The {@link LineHead} of the labels seen last, from memory. Thread safe. */
public final class LineHeadCache {
    private final LabelCache<Entry> cache = new LabelCache<>();
    private final LineHead head;

    public LineHeadCache(LineHead head) {
        this.head = head;
    }

    private static final class Entry {
        final String label;
        final byte[] head;

        Entry(String label, byte[] head) {
            this.label = label;
            this.head = head;
        }
    }

    /** {@link LineHead#of} the label, which may be null; not to be changed. */
    public byte[] of(String label) {
        if (label == null || label.length() > LabelCache.CHARS_MAX) {
            return head.of(label);
        }
        int first = LabelCache.first(label.hashCode());
        for (int i = first; i < first + LabelCache.WAYS; i++) {
            Entry entry = cache.at(i);
            if (entry != null && entry.label.equals(label)) {
                return entry.head;
            }
        }
        byte[] made = head.of(label);
        cache.put(first, new Entry(label, made));
        return made;
    }
}
