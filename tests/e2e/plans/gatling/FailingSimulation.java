import static io.gatling.javaapi.core.CoreDsl.*;
import static io.gatling.javaapi.http.HttpDsl.*;

import io.gatling.javaapi.core.ChainBuilder;
import io.gatling.javaapi.core.Simulation;
import io.gatling.javaapi.http.HttpProtocolBuilder;
import java.util.Map;

/** What `mode` says, each failing in its own way. */
public class FailingSimulation extends Simulation {
    private static final String PORT = System.getProperty("port");
    private static final String CLOSED_PORT = System.getProperty("closed_port", "1");
    private static final String CARD = "4111 1111 1111 1111";
    private static final String TOKEN = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJjYW5hcnkifQ.canaryofthesignature";

    private final HttpProtocolBuilder target = http
            .baseUrl("http://127.0.0.1:" + PORT)
            .userAgentHeader("gatling")
            .maxRedirects(5)
            .wsBaseUrl("ws://127.0.0.1:" + PORT)
            .disableCaching();

    /** Every kind once. */
    private static ChainBuilder kinds() {
        return exec(http("status").post("/status?a=1&b=2")
                        .header("Content-Type", "application/json; charset=utf-8")
                        .header("X-Shop", "north")
                        .body(StringBody("{\"name\": \"Käse\", \"n\": 1}")))
                .exec(http("timeout").get("/waits").requestTimeout(1))
                .exec(http("refused").get("http://127.0.0.1:" + CLOSED_PORT + "/refused"))
                .exec(http("reset").get("/resets"))
                .exec(http("tls").get("https://127.0.0.1:" + PORT + "/tls"))
                .exec(http("check").get("/passes").check(jmesPath("state").is("paid")))
                .exec(http("unexpected").get("/passes").check(status().is(201)))
                .exec(http("large").get("/large"))
                .exec(http("binary").get("/binary"))
                .exec(http("upload").post("/status").bodyPart(ByteArrayBodyPart("file", new byte[] {(byte) 0xff, 0, 1, 2})).bodyPart(StringBodyPart("note", "hello")))
                .group("checkout").on(exec(http("fine").get("/passes")).exec(http("pay").get("/status?pay=1")));
    }

    private static ChainBuilder secrets() {
        return exec(http("GET /status?access_token=canary-label")
                        .get("/status?user=ann&password=canary-query&q=" + TOKEN)
                        .headers(Map.of("Authorization", "Bearer canary-bearer", "X-Api-Key", "canary-key", "X-Plain", "is " + TOKEN)))
                .exec(addCookie(Cookie("sid", "canary-cookie")))
                .exec(http("form").post("/status").formParam("password", "canary-form").formParam("user", "ann").formParam("card", CARD))
                .exec(http("json").post("/status").header("Content-Type", "application/json").body(StringBody(
                        "{\"user\": \"ann\", \"credentials\": {\"password\": \"canary-json\"}, \"token\": \"canary-token\", \"note\": \"card "
                                + CARD + " and " + TOKEN + "\"}")))
                .exec(http("check").get("/passes").check(bodyString().is("password=canary-pattern")))
                .exec(http("basic").get("/status?basic=1").basicAuth("ann", "canary-basic"));
    }

    private static ChainBuilder storm() {
        return repeat(2_000).on(exec(http("storm").get("/status"))).exec(http("other").get("/binary"));
    }

    private static ChainBuilder others() {
        return exec(http("redirected").get("/redirect/2").check(substring("no such text")))
                .exec(ws("socket").connect("/fast"))
                .exec(http("slow").get("/slow/400"));
    }

    private static ChainBuilder asked() {
        switch (System.getProperty("mode")) {
            case "kinds": return kinds();
            case "secrets": return secrets();
            case "storm": return storm();
            default: return others();
        }
    }

    {
        setUp(scenario("users").exec(asked()).injectOpen(atOnceUsers(1))).protocols(target);
    }
}
