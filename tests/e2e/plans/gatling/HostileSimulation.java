import static io.gatling.javaapi.core.CoreDsl.*;
import static io.gatling.javaapi.http.HttpDsl.*;

import io.gatling.javaapi.core.Simulation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Puts pipes, which nobody ever writes to, where the agent reads and writes files; then it never comes to an end by itself. */
public class HostileSimulation extends Simulation {
    {
        Path traces = Path.of(System.getenv("GRIDNODE_TRACE_DIR"));
        Path stop = Path.of(System.getenv("GRIDNODE_STOP_FILE"));
        pipe(Path.of(System.getenv("GRIDNODE_REPORT_FILE")));
        pipe(traces.resolve("mine.final"));
        pipe(stop.resolveSibling("stop.new"));
        for (String name : new String[] {"summary.json", "summary.new", "exit.json.tmp"}) {
            pipe(stop.resolveSibling(name));
        }
        var sleep = exec(session -> {
            try {
                Thread.sleep(3_600_000);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            return session;
        });
        setUp(scenario("hostile").exec(http("home").get("/fast")).exec(sleep).injectOpen(atOnceUsers(4)))
                .protocols(http.baseUrl("http://127.0.0.1:" + System.getProperty("port")));
    }

    private static void pipe(Path path) {
        try {
            Files.deleteIfExists(path);
            new ProcessBuilder("mkfifo", path.toString()).inheritIO().start().waitFor();
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
