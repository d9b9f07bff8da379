package library;

import static io.gatling.javaapi.core.CoreDsl.*;
import static io.gatling.javaapi.http.HttpDsl.*;

public class LoansSimulation extends BaseLoans {
    {
        start(scenario("loans").feed(csv("readers.csv").circular()).exec(http("Loans #{reader}").get("/fast")));
    }
}
