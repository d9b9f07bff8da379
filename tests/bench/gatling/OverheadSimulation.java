import static io.gatling.javaapi.core.CoreDsl.*;
import static io.gatling.javaapi.http.HttpDsl.*;

import io.gatling.javaapi.core.Simulation;

/** Requests without a pause, as fast as they are answered. */
public class OverheadSimulation extends Simulation {
    public OverheadSimulation() {
        setUp(scenario("shop").repeat(Integer.getInteger("loops")).on(
                        exec(http("GET /").get("/"))
                                .exec(http("GET /search").get("/search?q=shoes"))
                                .exec(http("GET /cart").get("/cart"))
                                .exec(http("GET /checkout").get("/checkout")))
                .injectOpen(atOnceUsers(Integer.getInteger("users"))))
                .protocols(http.baseUrl("http://127.0.0.1:" + System.getProperty("port")));
    }
}
