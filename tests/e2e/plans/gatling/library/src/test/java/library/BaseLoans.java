package library;

import static io.gatling.javaapi.core.CoreDsl.*;
import static io.gatling.javaapi.http.HttpDsl.*;

import io.gatling.javaapi.core.ScenarioBuilder;
import io.gatling.javaapi.core.Simulation;

abstract class BaseLoans extends Simulation {
    void start(ScenarioBuilder loans) {
        setUp(loans.injectOpen(atOnceUsers(Integer.getInteger("users", 1)))).protocols(http.baseUrl(Shelf.url()));
    }
}
