package io.gridnode.sump.trace;

/** One kind of failure: what of it has a few traces a window. */
final class TraceKey {
    final String label;
    final String code;
    /** An error text of this kind, as it was the first time. */
    final String error;

    private final String print;

    TraceKey(String label, String code, String error, String print) {
        this.label = label;
        this.code = code;
        this.error = error;
        this.print = print;
    }

    /** Of all of it; two are the same once in a very long while. */
    long longHash() {
        return ((long) hashCode() << 32) ^ ((label.hashCode() * 0x9E3779B97F4A7C15L + code.hashCode()) * 31 + print.hashCode());
    }

    @Override
    public boolean equals(Object other) {
        if (!(other instanceof TraceKey)) {
            return false;
        }
        TraceKey key = (TraceKey) other;
        return label.equals(key.label) && code.equals(key.code) && print.equals(key.print);
    }

    @Override
    public int hashCode() {
        return (label.hashCode() * 31 + code.hashCode()) * 31 + print.hashCode();
    }
}
