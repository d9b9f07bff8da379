import io.gatling.core.Predef._
import io.gatling.http.Predef._
import scala.concurrent.duration._

class Evening extends Simulation {
  setUp(scenario("evening").during(1 second) { exec(http("Evening").get("/fast")).pause(300 millis) }.inject(atOnceUsers(1)))
    .protocols(http.baseUrl(library.Shelf.url()))
}
