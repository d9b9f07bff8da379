package io.gridnode.gatling;

import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import scala.Option;
import scala.Some;
import scala.concurrent.duration.FiniteDuration;

/**
 * The longest time the load may last: system property {@value #PROPERTY}, in whole seconds. A simulation's own maximum counts
 * where it is shorter. Without the property nothing changes.
 */
final class MaxDuration {
    static final String PROPERTY = "gridnode.max_duration_s";
    /** A year: beyond it a number is a mistake. */
    static final long SECONDS_MAX = 365L * 24 * 3_600;

    /** 0 when none is set. */
    final long seconds;

    private MaxDuration(long seconds) {
        this.seconds = seconds;
    }

    /** @throws IllegalArgumentException with a sentence that says what the property must be */
    static MaxDuration read(Function<String, String> properties) {
        String text = properties.apply(PROPERTY);
        if (text == null || text.isEmpty()) {
            return new MaxDuration(0);
        }
        try {
            long seconds = Long.parseLong(text.trim());
            if (seconds >= 1 && seconds <= SECONDS_MAX) {
                return new MaxDuration(seconds);
            }
        } catch (NumberFormatException e) {
            // The sentence below says it.
        }
        throw new IllegalArgumentException(
                "the property " + PROPERTY + " must be a number of seconds (1 to " + SECONDS_MAX + "), not \"" + text + "\"");
    }

    /** @param own what the simulation asks for */
    Option<FiniteDuration> limit(Option<FiniteDuration> own) {
        if (seconds == 0 || own.isDefined() && own.get().toMillis() <= seconds * 1_000) {
            return own;
        }
        return new Some<>(new FiniteDuration(seconds, TimeUnit.SECONDS));
    }
}
