import static io.gatling.javaapi.core.CoreDsl.*;
import static io.gatling.javaapi.http.HttpDsl.*;

import io.gatling.javaapi.core.Simulation;

/** One assertion that holds and one that does not. */
public class AssertionsSimulation extends Simulation {
    public AssertionsSimulation() {
        setUp(scenario("work").exec(http("fast").get("/fast")).exec(http("lost").get("/status/404")).injectOpen(atOnceUsers(5)))
                .protocols(http.baseUrl("http://127.0.0.1:" + System.getProperty("port")))
                .assertions(details("fast").failedRequests().count().is(0L), details("lost").failedRequests().count().is(0L));
    }
}
