package io.gridnode.sump;

/** How many users run, how many have started and how many of them have finished. */
public final class UserCounts {
    final long active;
    final long started;
    final long finished;

    /** The three counts; none is derived from the others, as some tools count them apart. */
    public UserCounts(long active, long started, long finished) {
        this.active = active;
        this.started = started;
        this.finished = finished;
    }
}
