package io.gridnode.sump;

/** Labels as they stand in a line, those seen last from memory. Thread safe. */
public final class EncodedLabels {
    private final LabelCache<Label> cache = new LabelCache<>();

    private static final class Label {
        final String text;
        final byte[] encoded;

        Label(String text, byte[] encoded) {
            this.text = text;
            this.encoded = encoded;
        }
    }

    /** {@link LineWriter#encodeLabel} of the text, which may be null; not to be changed. */
    public byte[] of(String text) {
        if (text == null || text.length() > LabelCache.CHARS_MAX) {
            return LineWriter.encodeLabel(text);
        }
        int first = LabelCache.first(text.hashCode());
        for (int i = first; i < first + LabelCache.WAYS; i++) {
            Label label = cache.at(i);
            if (label != null && label.text.equals(text)) {
                return label.encoded;
            }
        }
        byte[] encoded = LineWriter.encodeLabel(text);
        cache.put(first, new Label(text, encoded));
        return encoded;
    }
}
