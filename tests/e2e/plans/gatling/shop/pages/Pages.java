package shop.pages;

import static io.gatling.javaapi.core.CoreDsl.exec;
import static io.gatling.javaapi.http.HttpDsl.http;

import io.gatling.javaapi.core.ChainBuilder;

public final class Pages {
    public static final ChainBuilder FRONT = exec(http("front page").get("/fast"));

    private Pages() {}
}
