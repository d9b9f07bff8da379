package io.gridnode.gatling;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.gatling.core.actor.ActorRef;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import scala.concurrent.Promise;
import scala.concurrent.duration.FiniteDuration;

class ControllerTest {
    /** As Gatling's CoreComponents. */
    public static final class Components {
        private final Object controller;

        Components(Object controller) {
            this.controller = controller;
        }

        public Object controller() {
            return controller;
        }
    }

    private static final class Actor implements ActorRef<Object> {
        private final List<Object> told = new ArrayList<>();

        @Override
        public void $bang(Object message) {
            told.add(message);
        }

        @Override
        public String name() {
            return "controller";
        }

        @Override
        public <R> Promise<R> replyPromise(FiniteDuration timeout) {
            throw new UnsupportedOperationException();
        }
    }

    @Test
    void theControllerIsToldToStopTheLoadWithoutACrash() throws ReflectiveOperationException {
        Actor actor = new Actor();
        Controller.of(new Components(actor)).stop("enough");
        assertEquals("[StopLoadGenerator(enough,false)]", actor.told.toString());
    }

    @Test
    void somethingThatIsNoActorIsAFaultToReport() {
        assertThrows(ReflectiveOperationException.class, () -> Controller.of(new Components(this)).stop("enough"));
        assertThrows(ReflectiveOperationException.class, () -> Controller.of("no components"));
    }
}
