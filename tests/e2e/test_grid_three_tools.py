"""JMeter, Gatling and browsers on one node by messages: the same commands, the same receipts, side by side."""

import pytest

from support import commands, jmx
from support.agent import environment_of
from support.browsers import nothing_is_left, processes_of, url_of
from support.grid import Grid, balance
from support.lookalikes import Moto
from support.wait import until

LATEST = "3.15.1"
FLOODS = ("jmeter", "gatling", "selenium")


@pytest.fixture
def three(with_jmeter, with_gatling, with_selenium, drain):
    """A node that takes two floods at once; AWS is the look-alike that is right in attributes and filters."""
    with_gatling(LATEST)
    with Grid(with_jmeter, drain.url, kind=Moto) as grid:
        yield Three(grid, grid.agent("node-a", control__runs_max=2).start())


class Three:
    """What starts and stops the three kinds of flood; a flood's id is its tool's name."""

    def __init__(self, grid, node):
        self.grid, self.node = grid, node
        self.log = grid.gridnode.directory / "plan.log"

    def upload(self, plans):
        """The plans, once."""
        cloud, browser = self.grid.cloud, plans / "selenium"
        plan = jmx.plan(jmx.threads(jmx.http("fast", "/fast"), jmx.http("lost", "/status/404"), loops=-1))
        simulation = (plans / "gatling" / "EndlessSimulation.java").read_text()
        self.files = {
            "jmeter": [cloud.upload("plan.jmx", plan)],
            "gatling": [cloud.upload("EndlessSimulation.java", simulation)],
            "selenium": [cloud.upload(name, (browser / name).read_text()) for name in ("shop.py", "shoppers.csv")],
        }

    def start(self, tool, site, run=1, **fields):
        parameters = {"port": str(site.port), "url": url_of(site), "log": str(self.log)}
        fields = {"tool": tool, "users": 2, "tool_version": LATEST if tool == "gatling" else None, "parameters": parameters} | fields
        fields = {name: value for name, value in fields.items() if value is not None}
        self.grid.publish(commands.start(self.files[tool], flood=tool, run=run, **fields))

    def ended(self, tool, outcome, run=1):
        """The receipt of its end, checked: it balances, and nothing of it runs on."""
        event = self.node.finished(flood=tool, run=run)
        assert event["outcome"] == outcome, event
        receipt = event["receipt"]
        assert receipt["tool"]["tree_empty"] is True, receipt["tool"]
        return balance(receipt)


def test_one_after_the_other_and_two_at_once(three, site, plans, drain, note):
    node, grid = three.node, three.grid
    three.upload(plans)
    # Two at once, each to its own end; the third one is told that there is no room.
    for tool in FLOODS:
        three.start(tool, site, duration_s=4)
    refused = node.one("command.refused")
    assert (refused["flood"], refused["reason"]) == ("selenium", "busy"), refused
    counts = {tool: three.ended(tool, "completed") for tool in ("jmeter", "gatling")}
    three.start("selenium", site, run=2, duration_s=4)
    counts["selenium"] = three.ended("selenium", "completed", run=2)
    assert all(counts.values()), counts
    until("everything is delivered", lambda: samples(drain) == counts, 30)
    note(f"three tools by messages: {counts}")

    # The other pairs, ended by messages.
    for run, pair in enumerate([("gatling", "selenium"), ("selenium", "jmeter")], 3):
        before = samples(drain)
        for tool in pair:
            three.start(tool, site, run=run, duration_s=300)
        until("both have samples", lambda: all(samples(drain)[tool] > before[tool] for tool in pair), 90)
        for tool in pair:
            grid.stop(flood=tool, run=run)
        for tool in pair:
            counts[tool] += three.ended(tool, "stopped", run=run)
    until("everything is delivered", lambda: samples(drain) == counts, 30)

    labels = {flood: {text for text, _ in labels_of(drain, flood)} for flood in FLOODS}
    assert labels["jmeter"] == {"fast", "lost"}
    assert labels["gatling"] == {"round", "round / fast", "round / lost", "round / slow"}
    assert {"front", "slow", "checkout", "checkout / status", "missing"} <= labels["selenium"]
    nothing_is_left(node.state_dir)
    assert not processes_of(node.state_dir) and not node.tool_pids()


def test_failed_assertions_are_an_outcome_of_their_own(three, site, plans):
    name = "AssertionsSimulation.java"
    file = three.grid.cloud.upload(name, (plans / "gatling" / name).read_text())
    three.grid.publish(commands.start([file], tool="gatling", tool_version=LATEST, parameters={"port": str(site.port)}))
    event = three.node.finished()
    assert event["outcome"] == "assertions_failed" and "lost" in event["reason"], event
    assert balance(event["receipt"]) == 10


def test_a_project_is_sent_as_it_is_and_its_assertions_decide_the_exit_code(three, site, plans):
    grid, name = three.grid, "AssertionsSimulation.java"
    project = grid.gridnode.directory / "shop"
    sources = project / "src" / "test" / "java"
    sources.mkdir(parents=True)
    (sources / name).write_text((plans / "gatling" / name).read_text(), encoding="utf-8")
    (project / "target").mkdir()
    (project / "target" / "Broken.java").write_text("no source at all", encoding="utf-8")
    ended = grid.gridnode.run(
        "send", "start", project, "--flood", "shop", "--grid", "9", "--users", "1", "--window", "1s", "--upload", "s3://plans/up",
        "--tool-version", LATEST, "--param", f"port={site.port}", "--wait", "--expect", "1",
        "--topic", grid.cloud.commands_topic, "--events-topic", grid.cloud.events_topic, "--endpoint-url", grid.aws.url,
        env=environment_of(), seconds=120,
    )  # fmt: skip
    assert ended.code == 6 and "packed" in ended.err and "target" in ended.err, ended
    event = three.node.finished(flood="shop")
    assert event["outcome"] == "assertions_failed" and balance(event["receipt"]) == 10


def samples(drain):
    """Delivered samples by flood."""
    found = dict.fromkeys(FLOODS, 0)
    for point in drain.points("transaction_rate_mean"):
        found[point.tags["flood"]] += point.fields["count"]
    return found


def labels_of(drain, flood):
    points = drain.points("transaction_rate_mean")
    return {(point.fields["label"], point.fields["kind"]) for point in points if point.tags["flood"] == flood}
