"""Error traces of browser tests: a failed step with its page, console and picture, without its secrets, and not too many of them."""

import base64
import collections
import http.server
import threading

import pytest

from support import ports
from support.browsers import nothing_is_left
from support.running import Run
from support.traces import by_label, traces_of

PNG = b"\x89PNG\r\n\x1a\n"
SECRETS = [f"canary-{place}" for place in ["query", "typed", "script", "console", "status", "refused", "cookie"]]
# In a page: what is typed into a field is in no attribute of it.
PAGE = """<html><head><title>Käse</title></head><body><h1>Pay</h1><input id="password" name="password" type="password">
<script>
document.cookie = "theme=canary-script";
console.error("sent with token=canary-console");
fetch("/missing?access_token=canary-console");
</script></body></html>"""


@pytest.fixture
def target():
    """Keeps the targets that it was asked for."""
    asked = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            path = self.path.partition("?")[0]
            body = {"/page": "<html>fine</html>", "/secrets": PAGE}.get(path, "there is no such page")
            self.send_response(404 if body.startswith("there") else 200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Set-Cookie", "sid=canary-cookie; HttpOnly")
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        server.asked = asked
        yield server
        server.shutdown()


def failing(with_selenium, plans, target, plan, storm=0):
    url = f"http://127.0.0.1:{target.server_port}"
    params = {"url": url, "storm": storm, "closed_port": ports.free_tcp()}
    args = [part for name, value in params.items() for part in ("--param", f"{name}={value}")]
    run = Run(with_selenium, plans / "selenium" / plan, *args, "--flood", "42", seconds=120)
    assert run.code == 0, run
    nothing_is_left(run.out)
    return run, url


def shown(run, trace, url, user):
    """The failed step on the page with the secrets."""
    assert trace["flood"] == "42" and trace["why"] == "failed" and trace["thread"] == user
    assert "not-there" in trace["error"] or "no such element" in trace["error"], trace
    request, response = trace["request"], trace["response"]
    head, _, tail = request["url"].partition("‹redacted:")
    assert head == f"{url}/secrets?user=ann&password=" and tail.endswith("›&q=1"), request
    assert response["status"] == 200 and "<h1>Pay</h1>" in response["body"] and "<title>Käse" in response["body"], response
    # A page as the browser has it is not to the byte what was sent.
    assert len(PAGE.encode()) - 40 < response["body_bytes"] < len(PAGE.encode()) + 40
    texts = [entry["text"] for entry in trace["console"] if entry["level"] == "SEVERE"]
    assert any("sent with token=‹redacted:" in text for text in texts), trace["console"]
    assert any("404" in text and "access_token=‹redacted:" in text for text in texts), trace["console"]
    (picture,) = [path for path in (run.out / "failures").glob("*.png") if path.name.startswith(("pay", "checkout-pay"))]
    assert picture.read_bytes() == base64.b64decode(trace["screenshot_png_base64"]) and picture.read_bytes().startswith(PNG)
    assert picture.with_suffix(".json").exists() and not (run.out / "screenshots").exists()


def no_secret_is_in(run, target):
    # They were there: what is not in the results was not simply missing.
    assert any("canary-query" in path for path in target.asked) and any("canary-console" in path for path in target.asked)
    for path in run.out.rglob("*"):
        if path.is_file() and path.relative_to(run.out).parts[0] != "plan":
            content = path.read_bytes()
            assert not [secret for secret in SECRETS if secret.encode() in content], path


def test_a_failed_step_is_shown_with_its_page_console_and_picture(with_selenium, plans, target):
    run, url = failing(with_selenium, plans, target, "failing.py")
    traces = by_label(run)
    assert sorted(traces) == ["checkout / pay", "refused", "status"], run
    assert {label for (label, kind), row in run.labels.items() if kind == "request" and row["failed"]} == set(traces)
    shown(run, traces["checkout / pay"], url, "user 0")
    status, refused = traces["status"], traces["refused"]
    assert status["code"] == "404" and status["response"]["status"] == 404 and "no such page" in status["response"]["body"], status
    # In place of the page there is one of Chromium's own.
    assert "ERR_CONNECTION_REFUSED" in refused["error"] and "body" not in refused["response"], refused
    assert refused["request"]["url"].partition("?")[2].startswith("password=‹redacted:"), refused
    no_secret_is_in(run, target)
    reasons = {reason["label"]: reason for reason in run.receipt["failures"] if reason["kind"] == "request"}
    path = run.out / "failures" / reasons["checkout / pay"]["trace"]
    text = with_selenium.run("trace", "show", path).text
    for part in ("checkout / pay failed", "> http://127.0.0.1", "console SEVERE", "<h1>Pay</h1>", ".png"):
        assert part in text, text


def test_a_failed_step_of_a_program_is_shown_as_well(with_selenium, plans, target):
    run, url = failing(with_selenium, plans, target, "FailingShop.java")
    traces = by_label(run)
    assert sorted(traces) == ["pay"], run
    shown(run, traces["pay"], url, "user 0")
    no_secret_is_in(run, target)


@pytest.mark.parametrize(("plan", "storm"), [("failing.py", 300), ("FailingShop.java", 40)])
def test_a_storm_is_five_traces_and_a_count(with_selenium, plans, target, plan, storm):
    run, _ = failing(with_selenium, plans, target, plan, storm=storm)
    traces, _ = traces_of(run)
    found = collections.Counter(trace["label"] for trace in traces)
    failed = run.labels[("storm", "request")]["failed"]
    # Five a window, and a run may lie on the border of two, or three: of the last one it may have fewer.
    assert failed == storm and 5 <= found["storm"] <= 15 and "fine" not in found, found
    assert found["pay"] + found["checkout / pay"] == 1, "a storm hides nothing"
    assert run.receipt["traces"]["suppressed"] == failed - found["storm"], run.receipt
