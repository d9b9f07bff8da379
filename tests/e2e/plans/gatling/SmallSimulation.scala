package shop

import io.gatling.core.Predef._
import io.gatling.http.Predef._

class SmallSimulation extends Simulation {
  private val work = scenario("work").repeat(Integer.getInteger("loops", 1).intValue) {
    group("checkout") {
      exec(http("pay").get("/fast")).exec(http("lost").get("/status/404"))
    }
  }

  setUp(work.inject(atOnceUsers(Integer.getInteger("users", 1))))
    .protocols(http.baseUrl("http://127.0.0.1:" + System.getProperty("port")))
}
