package io.gridnode.sump;

/**
 * What one source has sent so far. The receiver compares it with what arrived: the difference is the loss.
 *
 * <p>Not thread safe: the sender's lock guards it.
 */
final class Ledger {
    private long seq;
    private long samples;
    private long truncated;

    /** One more sample line is in a datagram that is sent or being filled. */
    void countSample() {
        samples++;
    }

    /** One more sample will never be sent because its line does not fit a datagram. */
    void countTruncated() {
        truncated++;
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
