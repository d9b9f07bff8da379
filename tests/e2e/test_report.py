"""`report.html`: what a run leaves to be looked at, in a real browser, against the numbers of `summary.json`."""

import json
import pathlib

import pytest

from support import jmx, ports, webdriver
from support.running import Run, write_plan
from support.three_nodes import measure

EVIL = "</script><script>document.title='hurt'</script><b>x</b>"
COLUMNS = ["count", "failed", "share", "mean", "p50", "p95", "p99", "max", "rate"]
ROWS = """
return [...document.querySelectorAll("#table " + arguments[0] + " tr")].map((tr) =>
  [tr.cells[0].textContent, ...[...tr.cells].slice(1).map((td) => td.dataset.value)]);
"""


def rows(page, where="tbody"):
    """Label → its numbers as the page has them, every digit."""
    value = lambda text: None if text == "null" else float(text)  # noqa: E731
    return {label: dict(zip(COLUMNS, map(value, cells))) for label, *cells in page.run(ROWS, where)}


def same(shown, label):
    """Whether a row is what a summary says of a label."""
    times = label["response_time"]
    expected = [label["count"], label["failed"], times["mean_ms"], label["p50_ms"], label["p95_ms"], label["p99_ms"], times["max_ms"]]
    return [shown[name] for name in COLUMNS if name not in ("share", "rate")] == expected and shown["rate"] == label["rate_per_s"]


@pytest.fixture
def page():
    with webdriver.browsing() as running:
        yield running


def test_a_run_leaves_its_report(with_jmeter, page):
    good, bad, evil = jmx.java("good", sleep_ms=30), jmx.java("bad", status="NOK"), jmx.java(EVIL)
    plan = write_plan(with_jmeter, jmx.plan(jmx.threads(good, bad, evil, users=2, loops=20)))
    run = Run(with_jmeter, plan, "--fail-if", "p95(good) > 600s", "--fail-if", "failures > 1%")
    report = run.out / "report.html"
    assert f"report: {report}" in run.process.err, run
    assert run.summary["load_model"] == "closed", run.summary
    page.open(report)
    assert page.console() == []
    assert "hurt" not in page.run("return document.title")
    shown = rows(page)
    (flood,) = run.summary["summary"]["floods"]
    assert set(shown) == {label["label"] for label in flood["labels"]} and EVIL in shown
    for label in flood["labels"]:
        assert same(shown[label["label"]], label), (shown, label)
    (total,) = rows(page, "tfoot").values()
    assert same(total, flood["total"]), total
    assert page.run("return document.querySelectorAll('#charts canvas').length") >= 3
    assert page.run("return document.querySelectorAll('#bars rect').length") > 0
    assert "closed load" in page.run("return document.querySelector('#load').textContent")
    assert "failures > 1%" in page.run("return document.querySelector('#thresholds tr.bad').textContent")
    links = page.run("return [...document.querySelectorAll('#failures a')].map((a) => a.getAttribute('href'))")
    assert links and all((run.out / link).is_file() for link in links), links
    # Made again, it is the same.
    before = report.read_bytes()
    again = with_jmeter.run("report", run.out)
    assert again.code == 0 and report.read_bytes() == before, again


def test_the_table_is_sorted_filtered_and_fits_a_phone(with_jmeter, page):
    samplers = [jmx.java(f"label {n}", sleep_ms=n) for n in range(12)]
    run = Run(with_jmeter, write_plan(with_jmeter, jmx.plan(jmx.threads(*samplers, users=1, loops=3))))
    page.open(run.out / "report.html")
    page.run("[...document.querySelectorAll('#table th button')].find((b) => b.textContent === 'p95').click()")
    p95 = [row["p95"] for row in rows(page).values()]
    assert p95 == sorted(p95, reverse=True), p95
    page.run("const f = document.querySelector('#filter'); f.value = 'LABEL 1'; f.dispatchEvent(new Event('input'))")
    assert sorted(rows(page)) == ["label 1", "label 10", "label 11"]
    page.run("document.querySelector('#table tbody tr').click()")
    assert page.run("return document.querySelector('#series').selectedOptions[0].textContent").startswith("label 1")
    page.resize(500, 800)
    assert page.run("return document.documentElement.scrollWidth <= window.innerWidth")
    assert page.console() == []


def test_many_nodes_are_one_report(gridnode, page):
    port, record = ports.free_tcp(), gridnode.directory / "record.lp"
    drain = gridnode.start("drain", "--listen", f"127.0.0.1:{port}", "--record", record)
    drain.says("listens on")
    measure(gridnode, f"http://127.0.0.1:{port}")
    drain.interrupt()
    drain.wait(20)
    out = gridnode.directory / "three.html"
    made = gridnode.run("report", record, "--out", out)
    assert made.code == 0, made
    page.open(out)
    assert page.console() == []
    (flood,) = json.loads(gridnode.run("merge", record).out)["floods"]
    (label,) = flood["labels"]
    assert same(rows(page)["checkout"], label), (rows(page), label)
    assert page.run("return document.querySelectorAll('#nodes tbody tr').length") == 3
    # Nothing but a report is replaced.
    refused = gridnode.run("report", record, "--out", record)
    assert refused.code == 1 and "is no report: choose another --out" in refused.err, refused


def test_what_makes_no_report_is_said(gridnode):
    results = pathlib.Path(gridnode.directory) / "results"
    results.mkdir()
    no_rollups = gridnode.run("report", results)
    assert no_rollups.code == 1 and "without a rollups.lp" in no_rollups.err, no_rollups
    line = 'transaction_rate_mean,flood={},label_id=00 value=1.0,count=3i,window_s=1.0,label="a",run=1i 1\n'
    (results / "rollups.lp").write_text(line.format("one") + line.format("two"))
    two = gridnode.run("report", results)
    assert two.code == 1 and "--flood NAME picks one" in two.err, two
    (results / "summary.json").write_text('{"version": 2}')
    newer = gridnode.run("report", results, "--flood", "one")
    assert newer.code == 1 and "it has version 2" in newer.err, newer
    (results / "summary.json").unlink()
    assert gridnode.run("report", results, "--flood", "one").code == 0
