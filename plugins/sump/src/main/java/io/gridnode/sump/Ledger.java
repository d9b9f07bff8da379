package io.gridnode.sump;

/**
 * What one source has sent so far. The receiver compares it with what arrived: the difference is the loss.
 *
 * <p>Not thread safe: the sender's lock of the wire guards it.
 */
final class Ledger {
    private long seq;
    private long samples;
    private long truncated;

    /**
     * For the datagram that is about to be sent.
     *
     * @param moreSamples sample lines in it
     * @param moreTruncated samples that will never be sent: their line does not fit a datagram, or they could not be read or written
     */
    void count(int moreSamples, int moreTruncated) {
        samples += moreSamples;
        truncated += moreTruncated;
    }

    /** Opens the next datagram's number; the first datagram has 1. */
    void nextDatagram() {
        seq++;
    }

    long seq() {
        return seq;
    }

    long samples() {
        return samples;
    }

    long truncated() {
        return truncated;
    }
}
