"""Error traces of JMeter: each failed request in full, as its target saw it, without its secrets, and not too many of them."""

import collections
import json

import pytest

from support import jmx, ports
from support.failing import ANSWERS, Failing
from support.running import Run, write_plan
from support.traces import by_label, shown_as_answered, traces_of

WEB_TOKEN = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJjYW5hcnkifQ.canaryofthesignature"
CARD = "4111 1111 1111 1111"
CANARIES = ["canary", "eyJhbGci", CARD, CARD.replace(" ", "")]


@pytest.fixture
def target():
    with Failing() as running:
        yield running


def test_seven_failures_are_shown_as_their_target_saw_them(with_jmeter, target):
    steps = [
        jmx.http("status", "/status?a=1&b=2", method="POST", body='{"name": "Käse", "n": 1}', headers={"Content-Type": "application/json; charset=utf-8", "X-Shop": "north"}),
        jmx.http("timeout", "/waits", timeout_ms=400),
        jmx.http("refused", "/refused", port=ports.free_tcp()),
        jmx.http("reset", "/resets"),
        jmx.http("assertion", "/passes", jmx.contains("paid", "it is paid")),
        jmx.http("large", "/large"),
        jmx.http("binary", "/binary"),
        jmx.http("fine", "/passes"),
    ]
    plan = write_plan(with_jmeter, jmx.plan(jmx.threads(jmx.transaction("all", *steps, parent=True))))
    run = Run(with_jmeter, plan, "--param", f"port={target.port}", "--flood", "42")
    assert run.code == 0, run
    traces = by_label(run)
    assert sorted(traces) == ["assertion", "binary", "large", "refused", "reset", "status", "timeout"]
    failed = {label for (label, kind), row in run.labels.items() if kind == "request" and row["failed"]}
    assert failed == set(traces)
    for label, path in [("status", "/status"), ("timeout", "/waits"), ("reset", "/resets"), ("large", "/large"), ("binary", "/binary")]:
        as_the_target_saw_it(traces[label], *target.sent(path))
    for label in ["status", "assertion", "large", "binary"]:
        shown_as_answered(traces[label], *ANSWERS[traces[label]["request"]["url"].split(str(target.port))[1].partition("?")[0]])
    assert all(trace["flood"] == "42" and trace["why"] == "failed" and trace["thread"].startswith("users 1-1") for trace in traces.values())
    for label, error in [("timeout", "SocketTimeoutException"), ("refused", "ConnectException"), ("reset", "")]:
        assert error in traces[label]["code"] and not {"status", "body"} & set(traces[label]["response"]), traces[label]
    assert traces["timeout"]["rt_ms"] >= 400
    assert traces["assertion"]["assertions"][0]["name"] == "it is paid" and "paid" in traces["assertion"]["error"]
    assert traces["status"]["correlation"] == {"x-request-id": "r-1"}
    assert not traces_of(run)[1].count("canary")


def as_the_target_saw_it(trace, sent):
    method, path, headers, body = sent
    request = trace["request"]
    assert (request["method"], request["url"].split("127.0.0.1")[1].partition("/")[2]) == (method, path[1:])
    shown = {name.lower(): value for name, value in request.get("headers", [])}
    # JMeter does not say what its HTTP client adds at the very end.
    wanted = {name.lower(): value for name, value in headers if name.lower() != "cookie"}
    assert {**wanted, **shown} == wanted, (shown, wanted)
    assert {"host", "user-agent"} <= set(shown)
    assert request.get("body", "").encode() == body
    assert request.get("body_bytes", 0) == len(body)


def test_no_secret_is_in_any_file(with_jmeter, target):
    form = {"password": "canary-form", "user": "ann", "card": CARD}
    document = json.dumps({"user": "ann", "credentials": {"password": "canary-json"}, "token": "canary-token", "note": f"card {CARD} and {WEB_TOKEN}"})
    headers = {
        "Authorization": "Bearer canary-bearer",
        "X-Api-Key": "canary-key",
        "Cookie": "sid=canary-cookie; theme=canary-theme",
        "X-Plain": f"is {WEB_TOKEN}",
    }
    steps = [
        jmx.http("GET /status?access_token=canary-label", "/status?user=ann&password=canary-query&q=" + WEB_TOKEN, headers=headers),
        jmx.http("form", "/status", method="POST", form=form),
        jmx.http("json", "/status", method="POST", body=document, headers={"Content-Type": "application/json"}),
        jmx.http("assertion", "/passes", jmx.contains("password=canary-pattern", "secret=canary-name")),
    ]
    plan = write_plan(with_jmeter, jmx.plan(jmx.threads(*steps)))
    run = Run(with_jmeter, plan, "--param", f"port={target.port}")
    traces, text = traces_of(run)
    assert len(traces) == len(steps), run
    # They were sent: what is not in the traces was not simply missing.
    sent = repr(target.log)
    assert all(part in sent for part in ["canary-query", "canary-form", "canary-json", "canary-bearer", "canary-cookie", "canary-key"]), sent
    assert not [canary for canary in CANARIES if canary in text], text
    names = ["password", "access_token", "credentials", "Authorization", "X-Api-Key", "Cookie", "Set-Cookie"]
    assert all(name in text for name in names), text
    assert text.count("‹redacted:") >= 12 and '"user=ann' not in text and "ann" in text


def test_no_secret_of_a_page_is_in_any_file(with_jmeter, target):
    steps = [jmx.http("page", "/form"), jmx.http("cut page", "/cut-form")]
    run = Run(with_jmeter, write_plan(with_jmeter, jmx.plan(jmx.threads(*steps))), "--param", f"port={target.port}")
    _, text = traces_of(run)
    traces = by_label(run)
    assert sorted(traces) == ["cut page", "page"], run
    assert "canary" not in text, text
    for trace in traces.values():
        body = trace["response"]["body"]
        assert all(f"stays-{n}" in body for n in range(3, 10)) and "width=device-width" in body, body
        names = ["csrf-token", "XSRF-TOKEN", "csrf_token", "__RequestVerificationToken", "authenticity_token", "pw", "session", "accessToken", "Set-Cookie"]
        assert all(name in body for name in names), body
    assert traces["page"]["response"]["body"].count("‹redacted:") == 15, traces["page"]["response"]["body"]
    # What may be half a secret is not there at all.
    assert traces["cut page"]["response"]["body"].endswith('<input type="hidden" '), traces["cut page"]["response"]["body"]
    assert traces["cut page"]["response"]["body_bytes"] > 64 << 10


def test_a_storm_is_five_traces_and_a_count_and_hides_nothing(with_jmeter, target):
    storm = jmx.loop(2_000, jmx.java("storm", sleep_ms=1, status="NOT OK", code="503"))
    plan = write_plan(with_jmeter, jmx.plan(jmx.threads(storm, jmx.java("other", status="NOT OK", code="500"))))
    run = Run(with_jmeter, plan)
    traces, _ = traces_of(run)
    found = collections.Counter(trace["label"] for trace in traces)
    # A run may lie on the border of two windows.
    assert found["other"] == 1 and 5 <= found["storm"] <= 10, found
    assert run.receipt["traces"]["suppressed"] == 2_000 - found["storm"], run.receipt
    assert run.labels[("storm", "request")]["failed"] == 2_000


def test_redirects_and_embedded_resources_are_steps(with_jmeter, site):
    steps = [jmx.http("page", "/broken-page", embedded=True), jmx.http("redirected", "/redirect/2", jmx.contains("no such text", "never"))]
    plan = write_plan(with_jmeter, jmx.plan(jmx.threads(*steps)))
    run = Run(with_jmeter, plan, "--param", f"port={site.port}")
    traces = by_label(run)
    paths = {label: [step["request"]["url"].split(str(site.port))[1] for step in trace["steps"]] for label, trace in traces.items()}
    assert "/status/404" in paths["page"] and "/broken-page" not in paths["page"], paths
    assert traces["page"]["request"]["url"].endswith("/broken-page"), traces["page"]
    # Each that was sent is there once: the last one is the trace's own.
    assert paths["redirected"] == ["/redirect/2", "/redirect/1"], paths
    assert [step["response"]["status"] for step in traces["redirected"]["steps"]] == [302, 302]
    assert traces["redirected"]["request"]["url"].endswith("/fast") and traces["redirected"]["response"]["status"] == 200


def test_a_reason_names_the_trace_that_shows_it(with_jmeter, target):
    plan = write_plan(with_jmeter, jmx.plan(jmx.threads(jmx.http("buy it", "/status?password=canary", method="POST", body='{"n": [1, 2]}'), loops=9)))
    run = Run(with_jmeter, plan, "--param", f"port={target.port}", "--flood", "42")
    (reason,) = run.receipt["failures"]
    assert reason["trace"].startswith("buy-it-500-") and f"gridnode trace show {run.out}" in " ".join(run.process.text.split()), run
    path = run.out / "failures" / reason["trace"]
    shown = with_jmeter.run("trace", "show", path).text
    for part in ["buy it failed, 500", "> POST http://127.0.0.1", "password=‹redacted:", '  "n": [', "< 500 "]:
        assert part in shown, shown
    curl = with_jmeter.run("trace", "show", path, "--curl").text
    remark, command = curl.split("\n", 1)
    assert remark == "# put values in the place of what is hidden", curl
    assert command.startswith("curl -i -g -X 'POST' --url 'http://127.0.0.1:") and """--data-raw '{"n": [1, 2]}'""" in curl, curl
    har = json.loads(with_jmeter.run("trace", "show", path, "--har").out)
    (entry,) = har["log"]["entries"]
    assert entry["response"]["status"] == 500 and entry["request"]["method"] == "POST", entry


SENDS = """
import java.util.zip.GZIPOutputStream
def socket = new DatagramSocket()
def to = InetAddress.getByName(System.getenv("FLOOD_SUMP_HOST"))
def port = System.getenv("FLOOD_SUMP_PORT") as int
def packed = { text -> def out = new ByteArrayOutputStream(); new GZIPOutputStream(out).withCloseable { it << text }; out.toByteArray().encodeBase64().toString() }
def send = { what, value -> def bytes = (what + ',account=1,flood=7,label=pay+now value="' + value + '",response_code="500"').bytes; socket.send(new DatagramPacket(bytes, bytes.length, to, port)) }
send("trace", packed('{"response_code":"200","error_count":"0","response_data":"canary-passed"}'))
send("trace", packed('{"response_code":"500","error_count":"1","url":"http://shop/pay?token=canary-query","response_data":"{\\\\"password\\\\":\\\\"canary-body\\\\",\\\\"why\\\\":\\\\"no funds\\\\"}"}'))
send("object", packed('{"op":"click","responseCode":404,"objects":[]}'))
send("trace", "!!!!")
sleep(300)
"""


def test_lines_of_published_clients_are_traces_when_they_failed(with_jmeter):
    plan = write_plan(with_jmeter, jmx.plan(jmx.threads(jmx.groovy("send", SENDS))))
    run = Run(with_jmeter, plan)
    assert run.receipt["traces"] == {"captured": 2, "suppressed": 0, "refused": 1, "lost": 0}, run
    assert run.ledger["traces"] == 4, run.ledger
    files = [json.loads(file.read_text()) for file in (run.out / "failures").glob("*.json")]
    paid = next(trace for trace in files if trace["code"] == "500")
    assert paid["label"] == "pay now" and paid["response"]["status"] == 500 and "no funds" in paid["response"]["body"], paid
    assert {trace["code"] for trace in files} == {"500", "404"} and "canary" not in json.dumps(files), files


def test_a_failure_that_a_listener_makes_is_shown_and_one_that_it_takes_back_is_not(with_jmeter, target):
    script = 'sampleEvent.result.successful = sampleEvent.result.sampleLabel == "expected"; sampleEvent.result.responseMessage = "too slow"'
    steps = [jmx.java("expected", status="NOT OK", code="404"), jmx.java("slow")]
    plan = write_plan(with_jmeter, jmx.plan(jmx.threads(*steps), jmx.groovy_listener("judge", script)))
    run = Run(with_jmeter, plan)
    assert run.code == 0 and run.labels[("expected", "request")]["failed"] == 0, run
    (trace,) = by_label(run).values()
    assert trace["label"] == "slow" and trace["error"] == "too slow", trace
