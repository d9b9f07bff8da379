"""Real simulations by a real Gatling: a label's numbers equal those of Gatling's own log of the same run.

Compared twice: what `summary.json` says, and what an independent reader makes of the rollups that went to the Drain.
"""

import shutil
import subprocess

import pytest

from support import gatling_log, ports
from support.grid import balance, failed
from support.process import descendants
from support.running import QUICK, Run
from support.wait import until

RESPONSES_MIN = 30_000
USERS, LOOPS = 30, 60
PERMILLES = {500: "p50_ms", 750: "p75_ms", 900: "p90_ms", 950: "p95_ms", 990: "p99_ms"}
# What Gatling may have stopped to log, and the plug-in to send, when the load is ended by force.
DIFFERENT_AT_A_STOP_MAX = 3
LATEST, OLDER = "3.15.1", ["3.11.5", "3.9.5"]


def simulation(gridnode, plan, *args, port, version=LATEST, name=None, **options):
    """A run of a copy of `plan`, as a user would have it."""
    bundle = gridnode.directory / "bundle"
    bundle.mkdir(exist_ok=True)
    copy = bundle / (name or plan.name)
    shutil.copytree(plan, copy) if plan.is_dir() else shutil.copyfile(plan, copy)
    return Run(
        gridnode, copy, "--gatling-version", version, QUICK, "--heap-mib", "512",
        "--param", f"port={port}", *args, cwd=gridnode.directory, **options,
    )  # fmt: skip


@pytest.fixture(scope="module")
def measured():
    """One run for all comparisons below; starts on the first test's own fixtures."""
    return {}


@pytest.fixture
def exact(measured, with_gatling, site, plans, note):
    if not measured:
        run = simulation(
            with_gatling(LATEST), plans / "gatling" / "ExactnessSimulation.java", "--users", USERS, "--param", f"loops={LOOPS}",
            "--param", f"closed_port={ports.free_tcp()}", port=site.port,
        )  # fmt: skip
        assert run.code == 0, run
        log = gatling_log.read(gatling_log.find(run.out))
        measured.update(run=run, log=log, oracle=log.labels, labels=run.labels, rollups=run.rollups())
        measured.update(ledger=run.ledger, receipt=run.receipt, site=dict(site.requests))
        note(f"exactness, Gatling: {log.responses} responses, {run.ledger['aggregated']} samples of {len(run.labels)} labels")
    return measured


def test_every_sample_is_there(exact):
    ledger, receipt = exact["ledger"], exact["receipt"]
    assert exact["log"].version == LATEST and exact["log"].responses >= RESPONSES_MIN
    assert balance(receipt) == exact["log"].records
    assert ledger["sent"] == ledger["received"] == ledger["aggregated"] == exact["log"].records
    assert (ledger["lost"], ledger["truncated"], ledger["kernel_dropped"]) == (0, 0, 0)
    assert exact["rollups"].ledger["aggregated"] == exact["log"].records, "the points of a run add up to its receipt"
    assert receipt["outcome"] == "completed"


def test_every_failure_has_a_reason(exact):
    receipt = exact["receipt"]
    assert failed(receipt) == sum(label.failed for label in exact["oracle"].values())
    assert (receipt["requests"], receipt["failed"]) == (
        exact["log"].responses,
        sum(label.failed for (_, kind), label in exact["oracle"].items() if kind == "request"),
    )
    reasons = {(reason["label"], reason["code"]): reason for reason in receipt["failures"] if reason["kind"] == "request"}
    for key in [("lost", "404"), ("broken", "500"), ("fails / broken", "503"), ("refused", "none")]:
        assert reasons[key]["error"], receipt["failures"]


def test_the_labels_are_the_same(exact):
    assert set(exact["labels"]) == set(exact["oracle"]) == set(exact["rollups"].labels)
    # The plan has what is hard to carry; this shows that it really went through.
    for key in [
        ("checkout / delivery / slot", "request"), ("checkout / delivery", "transaction"), ("checkout", "transaction"),
        ("checkout", "request"), ("moved Redirect 2", "request"), ('Übersicht ☕ 日本 "100 %" a\\b+c&d=e', "request"),
    ]:  # fmt: skip
        assert key in exact["labels"], key


def test_the_summary_equals_the_log(exact):
    for key, wanted in exact["oracle"].items():
        got = exact["labels"][key]
        times = got["response_time"]
        assert (got["count"], got["failed"], got["passed"]) == (wanted.count, wanted.failed, wanted.count - wanted.failed), key
        assert (times["min_ms"], times["max_ms"]) == (min(wanted.times_ms), max(wanted.times_ms)), key
        assert times["count"] == wanted.count and times["sum_ms"] == sum(wanted.times_ms), key
        assert got["percentiles_complete"] is True, key
        for permille, name in PERMILLES.items():
            assert close(got[name], wanted.percentile_ms(permille)), (key, name)


def test_the_rollups_equal_the_log(exact):
    for key, wanted in exact["oracle"].items():
        got = exact["rollups"].labels[key]
        assert (got.count, got.failed, got.passed) == (wanted.count, wanted.failed, wanted.count - wanted.failed), key
        assert (got.passed_points, got.failed_points) == (got.passed, got.failed), key
        assert (got.min_ms, got.max_ms) == (min(wanted.times_ms), max(wanted.times_ms)), key
        assert got.rt_count == got.percentile_count == got.sketch.total_count == wanted.count, key
        assert got.sum_ms == sum(wanted.times_ms), key
        for permille in PERMILLES:
            assert close(got.percentile_ms(permille), wanted.percentile_ms(permille)), (key, permille)


def test_the_site_saw_the_same(exact):
    """Codes are not in Gatling's log; the site knows them."""
    codes = {text: exact["labels"][(text, "request")]["codes"] for text in ("lost", "broken", "fails / broken", "moved", "front page")}
    requests = exact["site"]
    assert codes["lost"] == {"404": requests["/status/404"]} and codes["broken"] == {"500": requests["/status/500"]}
    assert codes["fails / broken"] == {"503": requests["/status/503"]} and codes["moved"] == {"302": requests["/redirect/2"]}
    assert codes["front page"] == {"200": USERS * LOOPS}
    refused = exact["labels"][("refused", "request")]
    assert refused["failed"] == USERS * LOOPS and not set(refused["codes"]) - {"other"}


@pytest.mark.parametrize("version", OLDER)
def test_older_versions(with_gatling, site, plans, version):
    run = simulation(
        with_gatling(version), plans / "gatling" / "ExactnessSimulation.java", "--users", 10, "--param", "loops=20",
        "--param", f"closed_port={ports.free_tcp()}", port=site.port, version=version,
    )  # fmt: skip
    assert run.code == 0, run
    log = gatling_log.read(gatling_log.find(run.out))
    assert log.version == version and log.responses > 3_000
    assert balance(run.receipt) == log.records
    got = {key: (label["count"], label["failed"], label["response_time"]["sum_ms"]) for key, label in run.labels.items()}
    assert got == {key: (label.count, label.failed, sum(label.times_ms)) for key, label in log.labels.items()}
    assert ("checkout / delivery", "transaction") in got
    assert run.labels[("lost", "request")]["codes"] == {"404": 200}


@pytest.mark.parametrize("version", [LATEST, *OLDER])
def test_stopped_in_the_middle(with_gatling, site, plans, note, version):
    gridnode = with_gatling(version)
    run = simulation(gridnode, plans / "gatling" / "EndlessSimulation.java", "--users", 8, port=site.port, version=version, start=True)
    run.process.says("8 users", 90)
    rollups = run.out / "rollups.lp"
    until("a window has closed", lambda: rollups.exists() and rollups.stat().st_size > 0, 60)
    run.process.interrupt()
    run.process.wait(60)
    assert run.code == 130, run
    log = gatling_log.read(gatling_log.find(run.out))
    aggregated = balance(run.receipt)
    note(f"Gatling {version}, stopped: {aggregated} samples, {log.records} in Gatling's own log")
    assert abs(aggregated - log.records) <= DIFFERENT_AT_A_STOP_MAX and aggregated > 0
    assert set(run.labels) == set(log.labels) and run.rollups().samples == aggregated
    assert (run.receipt["outcome"], run.rollups().users_max) == ("stopped", 8)


def test_a_second_interrupt_ends_it_at_once(with_gatling, site, plans):
    """Not through the controller: the requests under way would take a minute."""
    run = simulation(with_gatling(LATEST), plans / "gatling" / "EndlessSimulation.java", "--users", 4, port=site.port, start=True)
    run.process.says("4 users", 90)
    run.process.interrupt()
    run.process.says("stopping")
    run.process.interrupt()
    run.process.wait(30)
    assert run.code == 130 and not descendants(run.process.pid, "java"), run
    balance(run.receipt, lossless=False)


def test_a_duration_ends_what_has_no_end(with_gatling, site, plans):
    run = simulation(with_gatling(LATEST), plans / "gatling" / "EndlessSimulation.java", "--duration", "3s", port=site.port)
    assert run.code == 0 and run.receipt["outcome"] == "completed", run
    assert abs(balance(run.receipt) - gatling_log.read(gatling_log.find(run.out)).records) <= DIFFERENT_AT_A_STOP_MAX


def test_failed_assertions_are_an_outcome_of_their_own(with_gatling, site, plans):
    run = simulation(with_gatling(LATEST), plans / "gatling" / "AssertionsSimulation.java", port=site.port)
    assert run.code == 6, run
    assert run.receipt["outcome"] == "assertions_failed", run.receipt
    assert "lost" in run.receipt["reason"] and "fast" not in run.receipt["reason"], run.receipt["reason"]
    (doubt,) = run.summary["doubts"]
    assert doubt.startswith("assertions of the plan do not hold: ") and "lost" in doubt, doubt
    assert f"error: {doubt}" in run.process.err and run.is_ticked, run
    assert balance(run.receipt) == 10


def test_a_scala_simulation(with_gatling, site, plans):
    run = simulation(
        with_gatling(LATEST), plans / "gatling" / "SmallSimulation.scala", "--users", 3, "--param", "loops=4", port=site.port
    )
    assert run.code == 0, run
    assert counts(run) == {("checkout / pay", "request"): 12, ("checkout / lost", "request"): 12, ("checkout", "transaction"): 12}


def test_a_directory_of_sources_and_data(with_gatling, site, plans):
    run = simulation(with_gatling(LATEST), plans / "gatling" / "shop", "--users", 4, "--param", "loops=3", port=site.port)
    assert run.code == 0, run
    assert counts(run) == {
        ("front page", "request"): 12, ("checkout", "transaction"): 12,
        ("checkout / hello ann", "request"): 6, ("checkout / hello bob", "request"): 6,
    }  # fmt: skip


def test_a_jar_with_several_simulations(with_gatling, site, plans):
    gridnode = with_gatling(LATEST)
    jar = built(gridnode, plans / "gatling" / "shop" / "ShopSimulation.java", plans / "gatling" / "shop" / "pages" / "Pages.java",
                plans / "gatling" / "AssertionsSimulation.java", data=plans / "gatling" / "shop" / "shoppers.csv")  # fmt: skip
    options = ["--param", "loops=2"]
    run = simulation(gridnode, jar, *options, port=site.port, name="which.jar")
    assert run.code == 1 and not run.out.joinpath("summary.json").exists(), run
    for word in ("shop.ShopSimulation", "AssertionsSimulation", "--class"):
        assert word in run.process.err, run
    run = simulation(gridnode, jar, *options, "--class", "shop.ShopSimulation", port=site.port, name="this.jar")
    assert run.code == 0, run
    assert counts(run)[("front page", "request")] == 2


def built(gridnode, *sources, data):
    """A jar as a user's own build makes it."""
    home = gridnode.run("tools", "install", "gatling").out.strip().splitlines()[-1]
    classes, jar = gridnode.directory / "classes", gridnode.directory / "plans.jar"
    subprocess.run(["javac", "-nowarn", "-cp", f"{home}/lib/*", "-d", classes, *sources], check=True, capture_output=True, timeout=120)
    shutil.copy(data, classes)
    subprocess.run(["jar", "--create", "--file", jar, "-C", classes, "."], check=True, timeout=60)
    return jar


def counts(run):
    return {key: label["count"] for key, label in run.labels.items()}


def close(got_ms, exact_ms):
    return got_ms == pytest.approx(exact_ms, rel=0.008)
