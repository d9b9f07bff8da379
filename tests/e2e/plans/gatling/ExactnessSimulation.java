import static io.gatling.javaapi.core.CoreDsl.*;
import static io.gatling.javaapi.http.HttpDsl.*;

import io.gatling.javaapi.core.ScenarioBuilder;
import io.gatling.javaapi.core.Simulation;
import io.gatling.javaapi.http.HttpProtocolBuilder;
import java.util.concurrent.ThreadLocalRandom;

/** Everything that a label can be: alone, in groups, in groups in groups, failed in all ways, and hard to spell. */
public class ExactnessSimulation extends Simulation {
    private static final int USERS = Integer.getInteger("users", 1);
    private static final int LOOPS = Integer.getInteger("loops", 1);
    private static final int RAMP_S = 2;

    private final HttpProtocolBuilder site = http
            .baseUrl("http://127.0.0.1:" + System.getProperty("port"))
            .disableCaching();

    private final ScenarioBuilder shop = scenario("shop").repeat(LOOPS).on(
            exec(http("front page").get("/fast"))
                    .exec(http("lost").get("/status/404"))
                    .exec(http("broken").get("/status/500"))
                    .exec(http("wanted").get("/fast").check(substring("fast")))
                    .exec(http("not what was wanted").get("/fast").check(substring("never")))
                    .exec(http("Übersicht ☕ 日本 \"100 %\" a\\b+c&d=e").get("/fast"))
                    .exec(http("moved").get("/redirect/2"))
                    .exec(http("refused").get("http://127.0.0.1:" + System.getProperty("closed_port") + "/"))
                    .group("checkout").on(
                            exec(http("pay").get("/asset/5000"))
                                    .group("delivery").on(
                                            exec(http("choose").get("/fast"))
                                                    .exec(http("address").post("/fast").body(StringBody("street=1")))
                                                    .repeat(2).on(exec(http("slot").get("/asset/20"))))
                                    .exec(http("confirm").get("/fast")))
                    .group("fails").on(exec(http("pay").get("/fast")).exec(http("broken").get("/status/503")))
                    // A label that is a group's, too.
                    .exec(http("checkout").get("/fast"))
                    .doIf(session -> outOfAHundred() < 10).then(exec(http("slow").get("/slow/30")))
                    .doIf(session -> outOfAHundred() < 5).then(exec(http("slower").get("/slow/120"))));

    public ExactnessSimulation() {
        setUp(shop.injectOpen(rampUsers(USERS).during(RAMP_S))).protocols(site);
    }

    private static int outOfAHundred() {
        return ThreadLocalRandom.current().nextInt(100);
    }
}
