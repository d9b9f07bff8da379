"""What people do with a grid from their own terminal: send, status."""

from support import jmx, plans
from support.agent import environment_of
from support.grid import balance
from support.running import write_plan
from support.wait import until


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


def test_status_for_people(grid):
    node = grid.agent("node-a")
    nobody = grid.gridnode.run("status", "--state-dir", node.state_dir, seconds=30)
    assert nobody.code == 1 and "error:" in nobody.err, nobody
    node.start()
    people = grid.gridnode.run("status", "--state-dir", node.state_dir, seconds=30)
    assert people.code == 0 and "node-a" in people.out, people
    scripts = grid.gridnode.run("status", "--state-dir", node.state_dir, "--json", seconds=30)
    assert scripts.code == 0 and '"node-a"' in scripts.out, scripts


def test_an_unknown_key_is_named_with_its_place_and_the_remedy(grid):
    node = grid.agent("node-a", node__gird="9").start(ready=False)
    assert node.process.wait(30).code == 1, node.process
    assert "node-a.toml:" in node.process.err and "did you mean grid" in node.process.err, node.process
