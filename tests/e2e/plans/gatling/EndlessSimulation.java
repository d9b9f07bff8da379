import static io.gatling.javaapi.core.CoreDsl.*;
import static io.gatling.javaapi.http.HttpDsl.*;

import io.gatling.javaapi.core.ScenarioBuilder;
import io.gatling.javaapi.core.Simulation;

/** All users at once, until somebody stops it. */
public class EndlessSimulation extends Simulation {
    private final ScenarioBuilder work = scenario("work").forever().on(
            group("round").on(
                    exec(http("fast").get("/fast")).exec(http("lost").get("/status/404")).exec(http("slow").get("/slow/5"))));

    public EndlessSimulation() {
        setUp(work.injectOpen(atOnceUsers(Integer.getInteger("users", 1))))
                .protocols(http.baseUrl("http://127.0.0.1:" + System.getProperty("port")));
    }
}
