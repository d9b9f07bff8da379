import static io.gatling.javaapi.core.CoreDsl.*;
import static io.gatling.javaapi.http.HttpDsl.*;

import io.gatling.javaapi.core.Simulation;

/** Ends the JVM as if all were well, in the middle of the load. */
public class ExitingSimulation extends Simulation {
    {
        var home = exec(http("home").get("/fast")).pause(java.time.Duration.ofMillis(20));
        var exit = exec(session -> {
            System.exit(0);
            return session;
        });
        setUp(scenario("shop").repeat(20).on(home).exec(exit).injectOpen(atOnceUsers(1)))
                .protocols(http.baseUrl("http://127.0.0.1:" + System.getProperty("port")));
    }
}
