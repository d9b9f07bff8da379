"""Error traces of Gatling: each failed request in full, as its target saw it, without its secrets, and not too many of them."""

import base64
import collections
import json
import shutil

import pytest

from support import ports
from support.failing import ANSWERS, Failing
from support.running import QUICK, Run
from support.traces import by_label, shown_as_answered, traces_of

VERSIONS = ["3.15.1", "3.11.5", "3.9.5"]
LATEST = VERSIONS[0]
CARD = "4111 1111 1111 1111"
CANARIES = ["canary", "eyJhbGci", CARD, CARD.replace(" ", ""), base64.b64encode(b"ann:canary-basic").decode()]

# Those of them that are sent in headers, cookies, queries, forms and documents.
SECRETS = [f"canary-{place}" for place in ["bearer", "key", "cookie", "query", "form", "json", "token", "set-cookie", "basic"]] + CANARIES[1:]


@pytest.fixture
def target():
    with Failing() as running:
        yield running


@pytest.fixture
def failing(with_gatling, plans):
    """A run of what fails in this mode."""

    def run(mode, port, *args, version=LATEST):
        gridnode = with_gatling(version)
        bundle = gridnode.directory / "bundle"
        bundle.mkdir(exist_ok=True)
        plan = bundle / "FailingSimulation.java"
        shutil.copyfile(plans / "gatling" / plan.name, plan)
        return Run(
            gridnode, plan, "--gatling-version", version, QUICK, "--flood", "42",
            "--param", f"mode={mode}", "--param", f"port={port}", "--param", f"closed_port={ports.free_tcp()}", *args,
        )  # fmt: skip

    return run


@pytest.mark.parametrize("version", VERSIONS)
def test_failures_are_shown_as_their_target_saw_them(failing, target, version):
    run = failing("kinds", target.port, version=version)
    assert run.code == 0, run
    traces = by_label(run)
    kinds = ["binary", "check", "checkout / pay", "large", "refused", "reset", "status", "timeout", "tls", "unexpected", "upload"]
    assert sorted(traces) == kinds
    assert {label for (label, kind), row in run.labels.items() if kind == "request" and row["failed"]} == set(kinds)
    assert all(trace["flood"] == "42" and trace["why"] == "failed" and trace["thread"] == "users 1" for trace in traces.values())

    sent = {"status": 0, "upload": 1, "checkout / pay": 2}
    for label, path in [("timeout", "/waits"), ("reset", "/resets"), ("large", "/large"), ("binary", "/binary"), *[(label, "/status") for label in sent]]:
        as_the_target_saw_it(traces[label], target.sent(path)[sent.get(label, 0)])
    for label in [*sent, "check", "large", "binary"]:
        shown_as_answered(traces[label], *ANSWERS[traces[label]["request"]["url"].split(str(target.port))[1].partition("?")[0]])
    assert traces["status"]["correlation"] == {"x-request-id": "r-1"}
    assert traces["status"]["code"] == "500" and "found 500" in traces["status"]["error"]
    assert traces["status"]["assertions"][0]["message"] == traces["status"]["error"]
    assert "paid" in traces["check"]["error"] and traces["check"]["code"] == "200"
    # Gatling has no use for this body, and an answer like this one passes as a rule.
    assert traces["unexpected"]["response"]["status"] == 200 and "body" not in traces["unexpected"]["response"]
    for label, error in [("timeout", "timeout"), ("refused", "refused"), ("reset", ""), ("tls", "Ssl")]:
        assert traces[label]["code"] == "none" and error.lower() in traces[label]["error"].lower(), traces[label]
        assert not {"response", "assertions"} & set(traces[label]), traces[label]
    assert traces["timeout"]["rt_ms"] >= 900
    assert traces["tls"]["request"]["url"] == f"https://127.0.0.1:{target.port}/tls"
    assert not traces_of(run)[1].count("canary")


def as_the_target_saw_it(trace, sent):
    method, path, headers, body = sent
    request = trace["request"]
    assert (request["method"], request["url"].split("127.0.0.1")[1].partition("/")[2]) == (method, path[1:])
    shown = {name.lower(): value for name, value in request["headers"]}
    wanted = {name.lower(): value for name, value in headers}
    hidden = {name for name, value in shown.items() if "‹redacted:" in value}
    assert hidden == {"cookie"} & set(wanted)
    assert {**shown, "cookie": ""} == {**wanted, "cookie": ""}
    if "multipart" in wanted.get("content-type", ""):
        assert "‹4 bytes›" in request["body"] and "hello" in request["body"], request
    else:
        assert request.get("body", "").encode() == body
    assert request.get("body_bytes", 0) == len(body)


def test_no_secret_is_in_any_file(failing, target):
    run = failing("secrets", target.port)
    traces, text = traces_of(run)
    assert len(traces) == 5, run
    # They were sent: what is not in the traces was not simply missing.
    sent = repr(target.log)
    basic = CANARIES[-1]
    assert all(part in sent for part in ["canary-query", "canary-form", "canary-json", "canary-bearer", "canary-cookie", "canary-key", basic]), sent
    assert not [canary for canary in CANARIES if canary in text], text
    # Nor anywhere else, but for the plan itself; names of requests and what checks want are in the results as they are.
    for path in run.out.rglob("*"):
        if path.is_file() and path.relative_to(run.out).parts[0] != "plan":
            content = path.read_bytes()
            assert not [secret for secret in SECRETS if secret.encode() in content], path
    names = ["password", "access_token", "credentials", "authorization", "X-Api-Key", "cookie", "Set-Cookie"]
    assert all(name.lower() in text.lower() for name in names), text
    assert text.count("‹redacted:") >= 12 and "ann" in text


def test_a_storm_is_five_traces_and_a_count_and_hides_nothing(failing, target):
    run = failing("storm", target.port)
    traces, _ = traces_of(run)
    found = collections.Counter(trace["label"] for trace in traces)
    # A run may lie on the border of two windows.
    assert found["other"] == 1 and 5 <= found["storm"] <= 10, found
    assert run.receipt["traces"]["suppressed"] == 2_000 - found["storm"], run.receipt
    assert run.labels[("storm", "request")]["failed"] == 2_000
    (other,) = [trace for trace in traces if trace["label"] == "other"]
    shown_as_answered(other, *ANSWERS["/binary"])


@pytest.mark.parametrize("version", VERSIONS)
def test_a_hop_is_a_request_and_a_socket_has_no_bodies(failing, site, version):
    run = failing("others", site.port, "--trace-slower-than", "300ms", version=version)
    # On a busy machine a first request is slow, too.
    traces = {label: trace for label, trace in by_label(run).items() if trace["why"] == "failed" or label == "slow"}
    assert sorted(traces) == ["redirected Redirect 2", "slow", "socket"], run
    redirected = traces["redirected Redirect 2"]
    assert redirected["request"]["url"].endswith("/fast") and redirected["response"]["status"] == 200
    assert "steps" not in redirected and "no such text" in redirected["error"]
    assert {"why": "failed"}.items() <= traces["socket"].items() and not {"request", "response"} & set(traces["socket"]), traces
    slow = traces["slow"]
    assert slow["why"] == "slow" and slow["rt_ms"] >= 400 and slow["response"]["status"] == 200
    found = len(list((run.out / "failures").glob("*-slow-*.json")))
    assert run.receipt["traces"]["slow"] == found >= 1, run.receipt
    said = " ".join(run.process.text.split())
    assert f"in full, of successes that took longer than 300 ms: {found} (up to three a window)" in said, run
    # It was wanted, and so it was kept.
    assert slow["response"]["body_bytes"] == len(slow["response"]["body"]) > 0, slow


def test_the_traces_of_a_run_are_listed_by_its_results(failing, target, gridnode):
    run = failing("kinds", target.port)
    listed = gridnode.run("trace", "show", run.out)
    names = {path.name for path in (run.out / "failures").glob("*.json")}
    assert listed.code == 0 and len(listed.out.splitlines()) == len(names) > 1, listed
    assert all(name in listed.out for name in names), listed
    several = gridnode.run("trace", "show", run.out, "--curl")
    files = sorted((run.out / "failures").glob("*.json"))
    assert several.code == 0 and all(f"# {path}" in several.out for path in files), several
    archive = json.loads(gridnode.run("trace", "show", run.out, "--har").out)
    assert len(archive["log"]["entries"]) >= len(files), archive["log"]["comment"]
    above = gridnode.run("trace", "show", run.out.parent)
    assert above.code == 1 and f"name one of them, such as {run.out}" in " ".join(above.err.split()), above
    document = gridnode.run("trace", "show", run.out / "summary.json")
    assert document.code == 1 and f"gridnode trace show {run.out}" in " ".join(document.err.split()), document


def test_a_reason_names_the_trace_that_shows_it(failing, target):
    run = failing("kinds", target.port)
    named = {reason["label"]: reason["trace"] for reason in run.receipt["failures"] if reason["kind"] == "request"}
    assert named["status"].startswith("status-500-") and f"gridnode trace show {run.out}" in " ".join(run.process.text.split()), run
    for label, name in named.items():
        assert json.loads((run.out / "failures" / name).read_text(encoding="utf-8"))["label"] == label
