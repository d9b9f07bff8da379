"""A real plan by a real JMeter: a label's numbers equal those of JMeter's own result file of the same run.

Compared twice: what `summary.json` says, and what an independent reader makes of the rollups that went to the Drain.
"""

import hashlib
import shutil

import pytest

from support import jtl, ports
from support.grid import failed
from support.running import Run

SAMPLES_MIN = 20_000
TWICE = "same name twice"
PERMILLES = {500: "p50_ms", 750: "p75_ms", 900: "p90_ms", 950: "p95_ms", 990: "p99_ms"}


@pytest.fixture(scope="module")
def measured():
    """One run for all comparisons below; starts on the first test's own fixtures."""
    return {}


@pytest.fixture
def exact(measured, with_jmeter, site, plans, note):
    if not measured:
        gridnode = with_jmeter
        bundle = gridnode.directory / "bundle"
        shutil.copytree(plans, bundle)
        before = hashlib.sha256((bundle / "exactness.jmx").read_bytes()).hexdigest()
        oracle = gridnode.directory / "oracle.xml"
        run = Run(
            gridnode, bundle / "exactness.jmx", "--jtl", gridnode.directory / "results.csv",
            "--param", f"port={site.port}", "--param", f"closed_port={ports.free_tcp()}", "--param", f"oracle={oracle}",
            seconds=500, cwd=gridnode.directory,
        )  # fmt: skip
        assert run.code == 0, run
        measured.update(run=run, oracle=jtl.read(oracle), sha256=before, plan=bundle / "exactness.jmx")
        measured.update(labels=run.labels, rollups=run.rollups(), ledger=run.ledger, receipt=run.receipt)
        note(f"exactness: {run.ledger['aggregated']} samples of {len(run.labels)} labels")
    return measured


def test_every_sample_is_there(exact):
    total = sum(label.count for label in exact["oracle"].values())
    ledger, delivery = exact["ledger"], exact["receipt"]["delivery"]
    assert total >= SAMPLES_MIN
    assert ledger["sent"] == ledger["received"] == ledger["aggregated"] == total
    assert (ledger["lost"], ledger["truncated"], ledger["kernel_dropped"]) == (0, 0, 0)
    assert sum(ledger["rejected"].values()) == 0
    assert delivery["delivered"] == total and exact["receipt"]["sent_exact"] is True
    assert exact["rollups"].ledger["aggregated"] == total, "the points of a run add up to its receipt"


def test_every_failure_has_a_reason(exact):
    receipt, oracle = exact["receipt"], exact["oracle"]
    assert failed(receipt) == sum(label.failed for label in oracle.values())
    requests = [label for (_, kind), label in oracle.items() if kind == "request"]
    assert receipt["requests"] == sum(label.count for label in requests)
    assert receipt["failed"] == sum(label.failed for label in requests)
    assert "why requests failed:" in exact["run"].process.out, exact["run"]


def test_the_labels_are_the_same(exact):
    assert {text for text, _ in exact["labels"]} == {text for text, _ in exact["oracle"]}
    assert set(exact["rollups"].labels) == set(exact["oracle"])
    texts = {label for label, _ in exact["oracle"]}
    # The plan and its CSV have what is hard to carry; this shows that it really went through.
    for text in ('login of quote " here', "login of back\\slash\\", "login of Übersicht ☕ 日本 👩‍💻", "login of 100% a+b %41 %zz"):
        assert text in texts, texts


def test_a_request_and_a_transaction_of_one_name_stay_apart(exact):
    both = {key for key in exact["oracle"] if key[0] == TWICE}
    assert {kind for _, kind in both} == {"request", "transaction"}
    assert both <= set(exact["rollups"].labels)
    assert both <= set(exact["labels"]), [key for key in exact["labels"] if key[0] == TWICE]


def test_the_summary_equals_the_result_file(exact):
    for key, wanted in exact["oracle"].items():
        if key[0] == TWICE:
            continue  # has a test of its own
        got = exact["labels"][key]
        times = got["response_time"]
        assert (got["count"], got["failed"], got["passed"]) == (wanted.count, wanted.failed, wanted.count - wanted.failed), key
        assert (got["rx_bytes"], got["tx_bytes"]) == (wanted.rx, wanted.tx), key
        assert (times["min_ms"], times["max_ms"]) == (min(wanted.times_ms), max(wanted.times_ms)), key
        assert times["count"] == wanted.count and times["sum_ms"] == pytest.approx(sum(wanted.times_ms), abs=0.01), key
        assert got["codes"] == dict(wanted.codes), key
        assert got["percentiles_complete"] is True, key
        for permille, name in PERMILLES.items():
            assert close(got[name], wanted.percentile_ms(permille)), (key, name)


def test_the_rollups_equal_the_result_file(exact):
    for key, wanted in exact["oracle"].items():
        got = exact["rollups"].labels[key]
        assert (got.count, got.failed, got.passed) == (wanted.count, wanted.failed, wanted.count - wanted.failed), key
        assert (got.passed_points, got.failed_points) == (got.passed, got.failed), key
        assert (got.rx, got.tx) == (wanted.rx, wanted.tx), key
        assert (got.min_ms, got.max_ms) == (min(wanted.times_ms), max(wanted.times_ms)), key
        assert got.rt_count == got.percentile_count == got.sketch.total_count == wanted.count, key
        assert got.sum_ms == pytest.approx(sum(wanted.times_ms), abs=0.01), key
        assert dict(got.codes) == dict(wanted.codes), key
        for permille in PERMILLES:
            assert close(got.percentile_ms(permille), wanted.percentile_ms(permille)), (key, permille)


def test_the_plan_was_not_touched(exact):
    assert hashlib.sha256(exact["plan"].read_bytes()).hexdigest() == exact["sha256"]


def close(got_ms, exact_ms):
    return got_ms == pytest.approx(exact_ms, rel=0.008)
