"""Error traces of browser tests, as far as they need no browser."""

import base64
import hashlib
import json
import os
import threading
import time
from collections import Counter
from pathlib import Path
from types import SimpleNamespace

import pytest

from gridnode_selenium.capture import Capture, Finished
from gridnode_selenium.console import Console
from gridnode_selenium.fingerprint import fingerprint
from gridnode_selenium.gateway import OUR_LOG, Gateway
from gridnode_selenium.lines import label_id
from gridnode_selenium.report import Report
from gridnode_selenium.screenshots import Screenshots
from gridnode_selenium.timings import Look, PageTiming
from gridnode_selenium.trace_caps import KINDS_MAX, Kind, TraceCaps
from gridnode_selenium.trace_settings import TraceSettings
from gridnode_selenium.traces import BODY_BYTES_MAX, Traces
from test_redaction import EXAMPLES

SECOND_NS = 1_000_000_000


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Script17.groovy: 3: unable to resolve", "Script#.groovy: #: unable to resolve"),
        ("timed out after 1502 ms, 3.5 s", "timed out after # ms, #.# s"),
        ("no order 5f0c1f9e-7a33-4d1b-9b7e-0242ac120002 here", "no order # here"),
        ("java.lang.Object@1b6d3586 is gone", "java.lang.Object@# is gone"),
        ("session aZ3kQ91fLmPq02Xz7 has ended", "session # has ended"),
        ("connect to https://Shop-17.example.com:8443/cart/9 failed", "connect to https://#:#/cart/# failed"),
        ("shop.example.com/10.0.0.7:443: refused", "#/#:#: refused"),
        ("(.x.y:1", "(.x.y:#"),
        ("Käse 12 für 3 €", "Käse # für # €"),
        ("", ""),
    ],
)
def test_numbers_ids_and_hosts_do_not_count(text, wanted):
    """Those of the agent's own test."""
    assert fingerprint(text) == wanted


def test_a_storm_does_not_hide_another_error_and_all_are_counted():
    caps = TraceCaps(5, 20, 15)
    storm, other = Kind("a", "none", "order #"), Kind("a", "none", "refused")
    assert [caps.failed(storm, "order 1", SECOND_NS) for _ in range(2_000)].count(0) == 5
    assert caps.failed(other, "refused", 2 * SECOND_NS) == 0
    assert caps.failed(storm, "order 1", 16 * SECOND_NS) == 1_995, "the next window tells of them"
    assert caps.failed(storm, "order 1", 14 * SECOND_NS) == 0, "a late one belongs to the newest window"
    kept = sum(caps.failed(Kind("a", "none", f"{n}"), "x", 40 * SECOND_NS) is not None for n in range(5_000))
    assert kept == 25, "the cap, and a quarter of what is kept for new kinds"
    rest, others = caps.take_rest()
    assert len(rest) <= KINDS_MAX and sum(one["count"] for one in rest) + others == 4_975
    assert caps.take_rest() == ([], 0)
    assert [caps.slow(60 * SECOND_NS) for _ in range(5)] == [True] * 3 + [False] * 2


def test_the_examples_of_all_sides_hold():
    document = json.loads((EXAMPLES.parent / "caps.json").read_text(encoding="utf-8"))
    for case in document["cases"]:
        caps = TraceCaps(document["per_kind"], document["per_window"], document["window_s"])
        for step in case["steps"]:
            count, errors, labels = 0, step["errors"], step["labels"]
            for n in range(step["times"] * labels * errors):
                kind = Kind(step["label"] + word(n // errors % labels), "500", step["error"] + word(n % errors))
                count += caps.failed(kind, "", step["at_s"] * SECOND_NS) is not None
            assert count == step["kept"], (case["name"], step)


def word(number):
    return "".join(chr(ord(digit) + 49) for digit in str(number))


def test_what_is_suppressed_is_on_disk_within_a_second_or_two(tmp_path):
    run, driver = Run(tmp_path), Page()
    for _ in range(25):
        run.sent(driver, "order 1")
    pending = tmp_path / "trace-s-1-suppressed.pending"
    # Those that wait to be written are in it until they are.
    until, others = time.monotonic() + 20, None
    while others != {"others": 20} and time.monotonic() < until:
        time.sleep(0.05)
        others = json.loads(pending.read_text()) if pending.exists() else None
    assert others == {"others": 20}
    found = run.end()
    assert not pending.exists() and found["suppressed"]["suppressed"][0]["count"] == 20
    assert found["0"]["label_id"] == hashlib.sha256(b"pay").hexdigest()[:16]
    assert label_id("a\n") == label_id("a\ufffd") and label_id("__other__") == label_id("__other___")


def test_settings_are_read_as_in_the_plug_ins():
    both = {"GRIDNODE_TRACE_DIR": "/traces", "GRIDNODE_TRACE_KEY": "00ff"}
    assert TraceSettings.read({"GRIDNODE_TRACE_DIR": "/traces"}) is None and TraceSettings.read({"GRIDNODE_TRACE_KEY": "00"}) is None
    plain = TraceSettings.read(both)
    assert (plain.key, plain.per_label, plain.per_window, plain.window_s, plain.slower_ms) == (b"\0\xff", 5, 100, 15, None)
    more = TraceSettings.read({**both, "GRIDNODE_TRACES_PER_LABEL": "2", "GRIDNODE_TRACE_SLOWER_MS": "0", "GRIDNODE_TRACE_SECRETS": "a, b,"})
    assert (more.per_label, more.slower_ms, more.secrets) == (2, 0, ["a", "b"])
    for name, value in (("GRIDNODE_TRACE_KEY", "secret"), ("GRIDNODE_WINDOW_S", "0"), ("GRIDNODE_TRACES_PER_LABEL", "-1")):
        with pytest.raises(ValueError, match=name) as raised:
            TraceSettings.read({**both, name: value})
        assert "secret" not in str(raised.value)


class Page:
    """A driver without a dialog; `hangs`: in its source."""

    current_url = "http://shop/pay?password=canary"
    hangs = False

    def __init__(self, source="<html></html>", console=()):
        self._source, self._console, self.pictures = source, console, 0

    @property
    def switch_to(self):
        raise RuntimeError("no such alert")

    @property
    def page_source(self):
        if self.hangs:
            raise type("TimeoutException", (Exception,), {})
        return self._source

    def look_at_console(self):
        return self._console

    def get_screenshot_as_png(self):
        self.pictures += 1
        return b"png"


class Run:
    def __init__(self, tmp_path, **environment):
        self.said = []
        report = Report(None)
        report.warning = self.said.append
        self.dir = tmp_path
        known = {"GRIDNODE_TRACE_DIR": str(tmp_path), "GRIDNODE_TRACE_KEY": "0011", "FLOOD_SEQUENCE_ID": "7"}
        self.traces = Traces.start({**known, **environment}, "s-1", report)
        self.capture = Capture(self.traces, Screenshots(str(tmp_path / "shots"), 5))

    def sent(self, driver, error, look=Look(), ok=False, own=True, rt_ms=12.5, label="pay", end_s=1_000):
        user = SimpleNamespace(driver=driver, number=3, iteration=1, pages=SimpleNamespace(asking_ns=0))
        finished = Finished(label, rt_ms, ok, end_s * SECOND_NS, "Oops", error, end_s * 1_000 - 50.0)
        self.capture.sent(user, finished, look, own)
        return user.pages.asking_ns

    def end(self):
        self.traces.end()
        assert not list(self.dir.glob("*.tmp"))
        return {path.stem.rpartition("-")[2]: json.loads(path.read_text("utf-8")) for path in sorted(self.dir.glob("*.json"))}


def test_a_failure_is_shown_without_its_secrets(tmp_path):
    console = [
        {"level": "SEVERE", "source": "javascript", "message": "of another transaction", "timestamp": 999_000},
        {"level": "INFO", "source": "console-api", "message": "chatter", "timestamp": 999_990},
        {"level": "SEVERE", "source": "network", "message": "Failed to load token=canary", "timestamp": 999_990},
        "no entry",
    ]
    run = Run(tmp_path)
    driver = Page('<script>document.cookie = "theme=canary"</script>' + "ä" * 50_000, console)
    assert run.sent(driver, "password=canary: order 1", Look(PageTiming(404, 1.0, None, None))) > 0
    trace = run.end()["0"]
    text = json.dumps(trace, ensure_ascii=False)
    assert not [word for word in ("canary", "another", "chatter", "no entry") if word in text], text
    assert trace["label"] == "pay" and trace["code"] == "Oops" and trace["thread"] == "user 3" and trace["flood"] == "7"
    assert (trace["time_ns"], trace["rt_ms"], trace["why"]) == (1_000 * SECOND_NS - 12_500_000, 12.5, "failed")
    assert trace["request"]["url"].startswith("http://shop/pay?password=‹redacted:") and "method" not in trace["request"]
    response = trace["response"]
    assert response["status"] == 404 and 'document.cookie = "‹redacted:' in response["body"]
    assert response["body_bytes"] > BODY_BYTES_MAX > len(response["body"])
    (entry,) = trace["console"]
    assert (entry["level"], entry["source"]) == ("SEVERE", "network") and "‹redacted:" in entry["text"]
    assert base64.b64decode(trace["screenshot_png_base64"]) == b"png"
    assert not (tmp_path / "shots").exists()


def test_a_storm_is_a_few_and_a_count(tmp_path):
    run, driver = Run(tmp_path), Page()
    threads = [threading.Thread(target=lambda: [run.sent(driver, f"order {n} token=canary") for n in range(100)]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    run.sent(driver, "refused")
    found = run.end()
    rest = found.pop("suppressed")
    assert Counter(fingerprint(trace["error"].partition(" token")[0]) for trace in found.values()) == {"order #": 5, "refused": 1}
    assert "canary" not in json.dumps(rest) and rest["suppressed"][0]["label"] == "pay"
    assert sum(one["count"] for one in rest["suppressed"]) == 395 and rest["others"] == 0
    assert driver.pictures == 5, "five a label"


def test_a_browser_that_hangs_is_asked_once_and_none_is_no_matter(tmp_path):
    run, driver = Run(tmp_path), Page()
    driver.hangs = True
    run.sent(driver, "a")
    run.sent(None, "b")
    run.sent(SimpleNamespace(switch_to=SimpleNamespace(alert="sure?")), "c")
    run.sent(Page(), "d", Look(unloaded="the page did not load: net::ERR_FAILED"))
    run.sent(Page(), "of an inner one", own=False)
    run.sent(Page(), None, ok=True, rt_ms=9e9)
    a, b, c, d = run.end().values()
    assert driver.pictures == 0 and a["request"]["url"] and "response" not in a
    assert not {"request", "response", "console", "screenshot_png_base64"} & {*b, *c}
    assert d["response"] == {"message": "the page did not load: net::ERR_FAILED"} and "screenshot_png_base64" in d


def test_a_slow_success_is_shown_where_it_is_wanted(tmp_path):
    run = Run(tmp_path, GRIDNODE_TRACE_SLOWER_MS="100")
    for rt_ms in (100, 101, 102, 103, 104):
        run.sent(Page(), None, ok=True, rt_ms=rt_ms)
    found = list(run.end().values())
    assert [trace["why"] for trace in found] == ["slow"] * 3 and "screenshot_png_base64" not in found[0]


def test_a_disk_that_fails_is_one_sentence_and_a_count(tmp_path):
    run = Run(tmp_path)
    for name in ("0", "1"):
        (tmp_path / f"trace-s-1-{name}.tmp").mkdir()
    run.sent(Page(), "a")
    run.sent(Page(), "a")
    run.traces.end()
    assert len(run.said) == 1 and "GRIDNODE_TRACE_DIR" in run.said[0], run.said
    rest = json.loads((tmp_path / "trace-s-1-suppressed.json").read_text())
    assert rest == {"suppressed": [], "others": 0, "unwritten": 2}
    bad = Run(tmp_path, GRIDNODE_TRACE_KEY="no hex")
    assert bad.traces is None and "GRIDNODE_TRACE_KEY" in bad.said[0]


def test_a_process_that_a_plan_forks_writes_none(tmp_path):
    run = Run(tmp_path)
    child = os.fork()
    if child == 0:
        run.sent(Page(), "a")
        run.traces.end()
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
    assert run.end() == {}


def test_without_traces_pictures_are_files(tmp_path):
    run = Run(tmp_path, GRIDNODE_TRACE_KEY="")
    run.sent(Page(), "a")
    run.sent(Page(), "a", own=False)
    assert [path.name for path in (tmp_path / "shots").iterdir()] == ["pay-user3-iteration1-1.png"]


def test_what_we_have_read_of_a_console_is_still_the_plans():
    console = Console()
    assert console.look([1]) == [1] and console.look([2]) == [1, 2]
    assert console.take([3]) == [1, 2, 3] and console.take([]) == []


def test_the_gateway_tells_the_console_without_taking_it_from_the_program():
    class Asked(Gateway):
        def __init__(self):
            self._lock = threading.Lock()
            self._sessions, self._consoles = {"s": Path("/profile")}, {}
            self.said = [["a"], ["b"], []]

        def _ask(self, method, path, body, timeout_s):
            if json.loads(body)["type"] == "performance":
                return 200, "json", b'{"value": ["frame"]}'
            assert json.loads(body) == {"type": "browser"}
            return 200, "json", json.dumps({"value": self.said.pop(0)}).encode()

    gateway = Asked()

    def log(kind):
        return json.loads(gateway.handle("POST", "/session/s/se/log", json.dumps({"type": kind}).encode())[2])["value"]

    assert log("performance") == ["frame"]
    assert log(OUR_LOG) == ["a"] and log("browser") == ["a", "b"] and log(OUR_LOG) == []
