package shop;

import static io.gatling.javaapi.core.CoreDsl.*;
import static io.gatling.javaapi.http.HttpDsl.*;

import io.gatling.javaapi.core.Simulation;
import shop.pages.Pages;

/** Of several sources, with a data file beside them. */
public class ShopSimulation extends Simulation {
    public ShopSimulation() {
        setUp(scenario("work").feed(csv("shoppers.csv").circular()).repeat(Integer.getInteger("loops", 1)).on(
                        exec(Pages.FRONT).group("checkout").on(exec(http("hello #{name}").get("/fast"))))
                .injectOpen(atOnceUsers(Integer.getInteger("users", 1))))
                .protocols(http.baseUrl("http://127.0.0.1:" + System.getProperty("port")));
    }
}
