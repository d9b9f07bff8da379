package io.gridnode.gatling;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import scala.Option;
import scala.concurrent.duration.FiniteDuration;

class MaxDurationTest {
    private static final Option<FiniteDuration> NONE = Option.empty();

    private static Option<FiniteDuration> of(long seconds) {
        return Option.apply(new FiniteDuration(seconds, TimeUnit.SECONDS));
    }

    @Test
    void theShorterOneCounts() {
        MaxDuration minute = MaxDuration.read(name -> "60");
        assertEquals(of(60), minute.limit(NONE));
        assertEquals(of(60), minute.limit(of(61)));
        assertEquals(of(59), minute.limit(of(59)));
    }

    @Test
    void withoutThePropertyTheSimulationsOwnStays() {
        for (String text : new String[] {null, ""}) {
            MaxDuration none = MaxDuration.read(name -> text);
            assertSame(NONE, none.limit(NONE));
            assertEquals(of(5), none.limit(of(5)));
        }
    }

    @Test
    void aNumberThatIsNoneIsQuoted() {
        for (String text : new String[] {"0", "-1", "1.5", "ten", "31536001", "99999999999999999999"}) {
            var error = assertThrows(IllegalArgumentException.class, () -> MaxDuration.read(name -> text));
            assertTrue(error.getMessage().contains('"' + text + '"'), error.getMessage());
        }
    }
}
