"""What people do with a grid from their own terminal: send, status."""

import json
import pathlib

from support import jmx, plans
from support.agent import environment_of
from support.grid import balance
from support.running import Run, write_plan
from support.wait import until


STRANGERS = pathlib.Path(__file__).parent / "plans" / "strangers"


def send(grid, *args):
    return (
        "send", *args, "--topic", grid.cloud.commands_topic, "--events-topic", grid.cloud.events_topic,
        "--endpoint-url", grid.aws.url,
    )  # fmt: skip


def test_one_send_starts_two_nodes_and_another_stops_them(grid):
    nodes = grid.nodes("node-a", "node-b")
    (other,) = grid.nodes("node-c", grid="10")
    plan = write_plan(grid.gridnode, plans.endless())
    starting = grid.gridnode.start(
        *send(grid, "start", plan, "--flood", "7", "--run", "4", "--grid", "9", "--users", "2", "--window", "1s"),
        "--upload", "s3://plans/up", "--wait", "--expect", "2", env=environment_of(),
    )  # fmt: skip
    grid.events.wait("flood.running", 2, 90, flood="7", run=4)
    until("samples are there", lambda: grid_points(nodes), 60)
    stopping = grid.gridnode.run(*send(grid, "stop", "7", "4", "--grid", "9", "--grace", "15s", "--wait"), env=environment_of())
    assert stopping.code == 0, stopping
    starting.wait(60)
    for node in nodes:
        event = node.finished(flood="7", run=4)
        assert event["outcome"] == "stopped" and balance(event["receipt"]) > 0
        assert node.node in starting.text, starting
    assert [event["type"] for event in other.said()] == ["node.ready"]
    queues = set(grid.cloud.queues()) - {agent.queue for agent in grid.agents.values()}
    assert len(queues) == 1, f"only the test's own queue is left: {queues}"


def grid_points(nodes):
    return all(run.get("requests") for node in nodes for run in node.status()["runs"])


def test_send_brings_files_along_and_waits_for_the_end(grid, drain):
    (node,) = grid.nodes("node-a")
    plan = write_plan(grid.gridnode, jmx.plan(jmx.threads(jmx.csv("names.csv", "name"), jmx.java("${name}"), loops=4)))
    names = plan.parent / "names.csv"
    names.write_text("name\nann\nbob\n", encoding="utf-8")
    ended = grid.gridnode.run(
        *send(grid, "start", plan, names, "--flood", "7", "--run", "1", "--node", "node-a", "--users", "1"),
        "--window", "1s", "--upload", "s3://plans/up", "--wait", env=environment_of(), seconds=90,
    )  # fmt: skip
    assert ended.code == 0 and "completed" in ended.text, ended
    assert (drain.rollups().of("ann").count, drain.rollups().of("bob").count) == (2, 2)


def test_send_takes_along_what_run_takes_from_beside_the_plan(grid, drain):
    grid.nodes("node-a")
    plan = write_plan(grid.gridnode, jmx.plan(jmx.threads(jmx.java("${__P(shop,none)}-${__P(more,none)}"))))
    (plan.parent / "user.properties").write_text("shop=corner\n", encoding="utf-8")
    (plan.parent / "jmeter.properties").write_text("shop=overridden\nmore=lots\n", encoding="utf-8")
    here = Run(grid.gridnode, plan)
    assert ("corner-lots", "request") in here.labels, here
    ended = grid.gridnode.run(
        *send(grid, "start", plan, "--flood", "7", "--run", "1", "--node", "node-a"),
        "--window", "1s", "--upload", "s3://plans/up", "--wait", env=environment_of(), seconds=90,
    )  # fmt: skip
    assert ended.code == 0 and "user.properties goes along, because `run` takes it" in ended.text, ended
    assert drain.rollups().of("corner-lots").count == 1


def test_a_browser_tests_packages_are_sent_and_refused_where_they_are_not_allowed(with_selenium, grid):
    grid.nodes("node-a")
    plan = write_plan(grid.gridnode, "def iteration(driver, transaction, user):\n    pass\n", "plan.py")
    (plan.parent / "requirements.txt").write_text("shopkit\n", encoding="utf-8")
    ended = grid.gridnode.run(
        *send(grid, "start", plan, "--flood", "7", "--run", "1", "--node", "node-a", "--users", "1", "--duration", "3s"),
        "--tool", "selenium", "--upload", "s3://plans/up", "--wait", env=environment_of(), seconds=90,
    )  # fmt: skip
    assert ended.code == 5 and "plan_packages = true" in ended.text, ended


def test_status_for_people(grid):
    node = grid.agent("node-a")
    nobody = grid.gridnode.run("status", "--state-dir", node.state_dir, seconds=30)
    assert nobody.code == 1 and "error:" in nobody.err, nobody
    node.start()
    people = grid.gridnode.run("status", "--state-dir", node.state_dir, seconds=30)
    # What else runs on this machine may be too much for it, which is said of an idle node, too.
    assert people.code == (3 if "this node is saturated" in people.out else 0) and "node-a" in people.out, people
    scripts = grid.gridnode.run("status", "--state-dir", node.state_dir, "--json", seconds=30)
    assert scripts.code in (0, 3) and json.loads(scripts.out)["node"] == "node-a", scripts


def test_an_unknown_key_is_named_with_its_place_and_the_remedy(grid):
    node = grid.agent("node-a", node__gird="9").start(ready=False)
    assert node.process.wait(30).code == 1, node.process
    assert "node-a.toml:" in node.process.err and "did you mean grid" in node.process.err, node.process


def test_a_plan_may_keep_a_load_of_its_own(grid):
    (node,) = grid.nodes("node-a")
    own = STRANGERS / "grid" / "a-load-of-its-own"
    for run, (plan, said) in enumerate((("open", None), ("computed", "it has loops and no duration")), 1):
        ended = grid.gridnode.run(
            *send(grid, "start", own / f"{plan}.jmx", "--flood", "7", "--run", str(run), "--node", "node-a"),
            "--window", "1s", "--upload", "s3://plans/up", "--wait", env=environment_of(), seconds=90,
        )  # fmt: skip
        assert ended.code == 0 and "completed" in ended.text, ended
        assert ("--max-runtime" in ended.err) == (said is not None) and (said or "") in ended.err, ended
        assert "changes" not in node.finished(flood="7", run=run)["receipt"]
    # Three users of 20 iterations each.
    assert node.finished(flood="7", run=2)["receipt"]["requests"] == 60


def test_what_is_not_asked_for_stays_the_plans_and_what_is_changed_is_said(grid):
    (node,) = grid.nodes("node-a")
    plan = STRANGERS / "grid" / "ramp-up-absent" / "ramp.jmx"
    short = grid.gridnode.directory / "ramp.jmx"
    short.write_text(plan.read_text(encoding="utf-8").replace('ramp_time">20<', 'ramp_time">3<'), encoding="utf-8")
    ended = grid.gridnode.run(
        *send(grid, "start", short, "--flood", "7", "--run", "1", "--node", "node-a", "--users", "4", "--duration", "4s"),
        "--window", "1s", "--upload", "s3://plans/up", "--wait", env=environment_of(), seconds=90,
    )  # fmt: skip
    assert ended.code == 0, ended
    changes = node.finished(flood="7", run=1)["receipt"]["changes"]
    assert changes == ["Thread Group `users`: number of threads 20 → 4", "Thread Group `users`: duration 30 → 4"], changes


def test_a_starts_limit_is_what_the_plan_takes(grid):
    directory = STRANGERS / "jmeter" / "serial-and-delayed-groups"
    for plan, users, duration, takes_s in (("serial", "4", "50s", 200), ("delays", "3", "30s", 190)):
        shown = grid.gridnode.run(
            *send(grid, "start", directory / f"{plan}.jmx", "--flood", "7", "--node", "node-a", "--users", users),
            "--duration", duration, "--upload", "s3://plans/up", "--dry-run", env=environment_of(),
        )  # fmt: skip
        assert shown.code == 0, shown
        flood = json.loads(shown.out)["flood"]
        assert (flood["max_runtime_s"], flood["ramp_up_s"]) == (takes_s + 300, None), shown
