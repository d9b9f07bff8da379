"""`gridnode compare`: what changed between two runs beyond noise; and `merge --hlog`, read by another one's reader."""

import json

import pytest
from hdrh.histogram import HdrHistogram

from support import steady
from support.steady import Label

EVIL = "</td><script>alert(1)</script> \\ \"x\""


def labels(**changed):
    return [Label("Front page", p50_ms=20.0), Label("checkout", **changed), Label(EVIL, samples=40)]


@pytest.fixture
def before(gridnode):
    return steady.write(gridnode.directory / "before.lp", labels(failed=0.01), seed=1)


def compared(gridnode, *args):
    """As JSON: the numbers of each label by what they are."""
    process = gridnode.run("compare", *args, "--json")
    assert process.code in (0, 4, 6), process
    document = json.loads(process.out)
    rows = [*document["labels"], document["total"]]
    document["rows"] = {row["label"]: {change["measure"]: change for change in row["changes"]} for row in rows}
    return process, document


def test_equal_runs_have_no_change(gridnode, before):
    again = steady.write(gridnode.directory / "again.lp", labels(failed=0.01), seed=2)
    process, document = compared(gridnode, before, again, "--fail-on-regression")
    assert (process.code, document["worse"], document["better"]) == (0, 0, 0), process
    text = gridnode.run("compare", before, again)
    assert text.code == 0 and "nothing changed beyond noise" in text.out, text
    assert text.out == gridnode.run("compare", before, again).out, "equal runs, equal answers"


def test_a_slower_label_is_found_and_fails_where_it_was_asked(gridnode, before):
    slow = steady.write(gridnode.directory / "slow.lp", labels(p50_ms=125.0, failed=0.08), seed=2)
    process, document = compared(gridnode, before, slow, "--fail-on-regression")
    assert process.code == 6, process
    worse = {label for label, changes in document["rows"].items() if any(one["finding"] == "worse" for one in changes.values())}
    assert "checkout" in worse and "Front page" not in worse, document
    p95 = document["rows"]["checkout"]["p95_ms"]
    assert p95["low"] < p95["b"] - p95["a"] < p95["high"] and p95["low"] > 0 and p95["difference_percent"] == pytest.approx(25, abs=8)
    assert document["rows"]["checkout"]["failed_percent"]["finding"] == "worse"
    assert gridnode.run("compare", before, slow).code == 0, "only where it was asked"
    assert gridnode.run("compare", slow, before, "--fail-on-regression").code == 0, "better is no failure"
    little = compared(gridnode, before, slow, "--least", "50%", "--least-failed", "50")[1]
    assert (little["worse"], little["rows"]["checkout"]["p95_ms"]["finding"]) == (0, "small")


def test_merged_numbers_are_those_of_merge(gridnode, before):
    slow = steady.write(gridnode.directory / "slow.lp", labels(p50_ms=130.0), seed=2)
    document = compared(gridnode, before, slow)[1]
    for side, path in (("a", before), ("b", slow)):
        (flood,) = json.loads(gridnode.run("merge", path).out)["floods"]
        merged = {label["label"]: label for label in [*flood["labels"], flood["total"]]}
        for row in [*document["labels"], document["total"]]:
            mine, other = row[side], merged[row["label"]]
            assert [mine[key] for key in ("count", "failed", "p50_ms", "p95_ms", "p99_ms")] == [
                other[key] for key in ("count", "failed", "p50_ms", "p95_ms", "p99_ms")
            ]
            assert mine["mean_ms"] == pytest.approx(other["response_time"]["mean_ms"], rel=1e-6)
            assert mine["rate_per_s"] == pytest.approx(other["rate_per_s"])


def test_too_few_windows_are_no_verdict(gridnode, before):
    short = steady.write(gridnode.directory / "short.lp", labels(p50_ms=900.0), windows=5)
    process, document = compared(gridnode, before, short, "--fail-on-regression")
    assert (process.code, document["cannot_tell"], document["worse"]) == (4, True, 0), process
    text = gridnode.run("compare", before, short)
    assert text.code == 0 and "cannot tell: A has 30 windows and B 5 windows" in text.out, text
    skipped = compared(gridnode, before, before, "--skip", "6m")[1]
    assert (skipped["windows"], skipped["cannot_tell"]) == ([6, 6], True)


def test_directories_of_many_nodes_and_labels_of_one_side(gridnode):
    for side, extra in (("before", "gone"), ("after", "new")):
        (gridnode.directory / side / "node-2").mkdir(parents=True)
        steady.write(gridnode.directory / side / "n1.lp", [Label("a"), Label(extra)], node="n1", seed=len(extra))
        steady.write(gridnode.directory / side / "node-2" / "rollups.lp", [Label("a"), Label(extra)], node="n2", seed=9 + len(extra))
    document = compared(gridnode, gridnode.directory / "before", gridnode.directory / "after")[1]
    assert document["total"]["a"]["count"] == 2 * 2 * 30 * 200
    assert {row["label"]: [n is not None for n in row["count"]] for row in document["only_one_side"]} == {
        "gone": [True, False],
        "new": [False, True],
    }


def test_another_load_is_said(gridnode, before):
    busy = [Label("Front page", p50_ms=20.0, samples=300), *labels()[1:]]
    document = compared(gridnode, before, steady.write(gridnode.directory / "busy.lp", busy, seed=3))[1]
    assert any("another load" in warning for warning in document["warnings"]), document["warnings"]
    assert any("same run" in warning for warning in compared(gridnode, before, before)[1]["warnings"])


def test_numbers_that_are_not_whole_are_no_verdict(gridnode, before):
    lines = before.read_text().splitlines(keepends=True)
    half = gridnode.directory / "half.lp"
    half.write_text("".join(line for at, line in enumerate(lines) if at % 7 or line.startswith("ledger")))
    process, document = compared(gridnode, before, half, "--fail-on-regression")
    assert process.code == 4 and document["b"]["is_trustworthy"] is False and "not trustworthy" in process.err, process


def test_the_page_is_text_and_replaces_only_its_own(gridnode, before):
    slow = steady.write(gridnode.directory / "slow.lp", labels(p50_ms=130.0), seed=2)
    page = gridnode.directory / "compare.html"
    for _ in range(2):
        assert gridnode.run("compare", before, slow, "--html", page).code == 0
    text = page.read_text()
    assert text.startswith("<!doctype html>") and "<script" not in text and "&#60;script&#62;alert(1)" in text
    refused = gridnode.run("compare", before, slow, "--html", before)
    assert refused.code == 1 and "choose another --html" in refused.err, refused


def test_what_is_no_run_is_said(gridnode, before):
    missing = gridnode.run("compare", before, gridnode.directory / "nowhere.lp")
    assert missing.code == 1 and "nowhere.lp" in missing.err, missing
    again = steady.write(gridnode.directory / "again.lp", labels(), run=2, start_s=steady.START_S + 3_600)
    both = gridnode.directory / "both.lp"
    both.write_text(before.read_text() + again.read_text())
    several = gridnode.run("compare", both, both)
    assert several.code == 1 and "both.lp: flood shop has the runs 1, 2" in several.err, several
    assert compared(gridnode, both, both, "--run", "1,2")[1]["b"]["runs"] == [2]


def test_logs_for_other_tools_have_every_sample(gridnode, before):
    logs = gridnode.directory / "logs"
    merged = gridnode.run("merge", before, "--hlog", logs)
    assert merged.code == 0 and "3 logs in" in merged.err, merged
    (flood,) = json.loads(merged.out)["floods"]
    found = {}
    for log in logs.iterdir():
        lines = log.read_text().splitlines()
        assert lines[0] == "#[Histogram log format version 1.3]"
        whole = HdrHistogram(1, 3_600_000_000, 2)
        intervals = [line.split(",") for line in lines if line.startswith("Tag=")]
        for _, start, length, _, histogram in intervals:
            assert (float(start) % steady.WINDOW_S, float(length)) == (0.0, steady.WINDOW_S)
            whole.decode_and_add(histogram)
        assert len(intervals) == 30
        found[log.name] = whole
    assert "checkout.hlog" in found and "Front-page.hlog" in found, found
    for label in (one for one in flood["labels"] if one["label"] == "checkout"):
        whole = found["checkout.hlog"]
        assert whole.get_total_count() == label["count"]
        for percent, key in ((50, "p50_ms"), (95, "p95_ms"), (99, "p99_ms")):
            assert whole.get_value_at_percentile(percent) / 1_000 == pytest.approx(label[key], rel=0.008), key
    again = gridnode.run("merge", before, "--hlog", logs)
    assert again.code == 1 and "is not empty" in again.err, again
