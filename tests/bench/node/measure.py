"""Measures one grid node beside a plain script, turn by turn; prints one JSON object with lists of figures.

Runs in the environment of the end-to-end tests (boto3, the AWS look-alike), whose parts it uses.

  measure.py BINARY TOOLS_DIR DIRECTORY STARTS STOPS IDLE_S
"""

import json
import os
import pathlib
import secrets
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "e2e"))

from support import commands, plans  # noqa: E402
from support.aws import CREDENTIALS, REGION  # noqa: E402
from support.drains import Recorder  # noqa: E402
from support.grid import Grid, balance  # noqa: E402
from support.process import Gridnode  # noqa: E402
from support.wait import pause, until  # noqa: E402

RUNS_BEFORE = 2  # not counted: caches fill, code gets warm
STEP_S = 0.02


def main():
    binary, tools_dir, directory, starts, stops, idle_s = sys.argv[1:]
    gridnode = Gridnode(binary, pathlib.Path(directory), f"bench-{secrets.token_hex(8)}", tools_dir)
    # The interval that it has by default; everything else is as the end-to-end tests have it.
    with Recorder() as drain, Grid(gridnode, drain.url, direct=True, health__period_s=15) as grid:
        ours = Ours(grid)
        with Plain(grid, tools_dir) as plain:
            both = [ours, plain]
            for _ in range(RUNS_BEFORE):
                turn(both, "start")
            figures = {"start": [turn(both, "start") for _ in range(int(starts))]}
            figures["stop"] = [turn(both, "stop") for _ in range(int(stops))]
            figures["idle"] = idle(both, int(idle_s))
        ours.node.terminate()
    print(json.dumps(figures))


def turn(both, what):
    return {type(one).__name__.lower(): getattr(one, what)() for one in both}


def idle(both, seconds):
    pause(2)
    before = [usage(one.pid) for one in both]
    pause(seconds)
    after = [usage(one.pid) for one in both]
    names = [type(one).__name__.lower() for one in both]
    return {
        name: {"cpu_percent": (end[0] - begin[0]) / seconds * 100, "rss_mib": end[1]}
        for name, begin, end in zip(names, before, after)
    }


def usage(pid):
    """CPU in s, and resident memory in MiB."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    cpu_s = sum(map(int, fields[11:13])) / os.sysconf("SC_CLK_TCK")
    return cpu_s, int(fields[21]) * os.sysconf("SC_PAGE_SIZE") / 2**20


class Ours:
    """`gridnode agent`. Times are its receipts'."""

    def __init__(self, grid):
        self.grid, self.run = grid, 0
        self.tiny, self.endless = (grid.cloud.upload("plan.jmx", text) for text in (plans.counted(1), plans.endless()))
        (self.node,) = grid.nodes("node-a")
        self.pid = self.node.process.pid

    def start(self):
        published_ns = self._publish(self.tiny)
        event = self.node.finished(run=self.run)
        assert event["outcome"] == "completed" and balance(event["receipt"]) == 2, event
        times = event["receipt"]["times"]
        return {
            "own_ms": ms(times["command_received_ns"], times["tool_started_ns"]),
            "whole_ms": ms(published_ns, times["tool_started_ns"]),
        }

    def stop(self):
        self._publish(self.endless)
        until("it has samples", lambda: any(run.get("requests") for run in (self.node.status() or {}).get("runs", [])), 60)
        pause(1)
        published_ns = time.time_ns()
        self.grid.stop(run=self.run)
        times = self.node.finished(run=self.run)["receipt"]["times"]
        return {"told_ms": ms(published_ns, times["stop_asked_ns"]), "empty_ms": ms(published_ns, times["tree_empty_ns"])}

    def _publish(self, file):
        self.run += 1
        published_ns = time.time_ns()
        self.grid.publish(commands.start([file], run=self.run))
        return published_ns


class Plain:
    """What a user would write otherwise: `plain_node.py`. Times are what it notes."""

    def __init__(self, grid, tools_dir):
        self.cloud, self.directory = grid.cloud, grid.gridnode.directory / "plain"
        self.topic = self.cloud.make_topic("plain-commands")
        self.queue_url = self.cloud.sqs.create_queue(QueueName="plain-node")["QueueUrl"]
        arn = self.cloud.sqs.get_queue_attributes(QueueUrl=self.queue_url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        attributes = {"RawMessageDelivery": "true"}
        self.cloud.sns.subscribe(TopicArn=self.topic, Protocol="sqs", Endpoint=arn, Attributes=attributes)
        homes = sorted(pathlib.Path(tools_dir).glob("jmeter/*/home"))
        self.jar = homes[-1] / "bin/ApacheJMeter.jar"
        self.tiny, self.endless = (self.cloud.upload("plan.jmx", text)["uri"] for text in (plans.counted(1), plans.endless()))

    def __enter__(self):
        self.directory.mkdir()
        self._said = self.directory / "said"
        command = [sys.executable, HERE / "plain_node.py", self.queue_url, self.jar, self.cloud.url]
        with open(self._said, "wb") as out:
            environment = {**os.environ, **CREDENTIALS, "AWS_DEFAULT_REGION": REGION}
            self._child = subprocess.Popen(command, cwd=self.directory, stdout=out, env=environment)
        self.pid = self._child.pid
        self._seen = 0
        return self

    def __exit__(self, *_):
        self._child.kill()
        self._child.wait()

    def start(self):
        published_ns = self._publish({"start": self.tiny})
        started = self._next("started")
        self._next("ended")
        return {"own_ms": ms(started["received_ns"], started["at_ns"]), "whole_ms": ms(published_ns, started["at_ns"])}

    def stop(self):
        self._publish({"start": self.endless})
        self._next("started")
        # The log says when users are at work; it has no other sign.
        log = self.directory / "jmeter.log"
        until("it has users", lambda: log.exists() and "Thread started" in log.read_text(), 60)
        pause(2)
        published_ns = self._publish({"stop": True})
        told, ended = self._next("told"), self._next("ended")
        log.unlink()
        return {"told_ms": ms(published_ns, told["at_ns"]), "empty_ms": ms(published_ns, ended["at_ns"])}

    def _publish(self, message):
        published_ns = time.time_ns()
        self.cloud.publish(message, self.topic)
        return published_ns

    def _next(self, what):
        def said():
            assert self._child.poll() is None, "the plain node ended"
            lines = self._said.read_text().splitlines(keepends=True)[self._seen :]
            return json.loads(lines[0]) if lines and lines[0].endswith("\n") else None

        found = until(f"the plain node says {what}", said, 60, STEP_S)
        self._seen += 1
        assert found["what"] == what, found
        return found


def ms(from_ns, to_ns):
    return (to_ns - from_ns) / 1e6


if __name__ == "__main__":
    main()
