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
