"""Whoever may publish events may send receipts: what cannot be true has no part in a verdict, and none of it acts on a terminal."""

import copy
import json
import xml.etree.ElementTree

from support import plans
from support.agent import environment_of
from support.running import write_plan

LOOPS = 20
EVIL = "</td><script>alert(1)</script>\x1b[31m\u202e|`x` \"&\\ \u0000"


def changed(*path, to):
    def change(receipt):
        for key in path[:-1]:
            receipt = receipt[key]
        receipt[path[-1]] = to

    return change


def without(*names):
    def change(receipt):
        for name in names:
            receipt.pop(name, None)

    return change


def both(*changes):
    return lambda receipt: [change(receipt) for change in changes]


HUGE = 2**63
# What, how, and the code with which the command ends: 0 where it must not matter, 4 where there is no verdict.
CASES = {
    "as it is": (lambda receipt: None, 0),
    "an older agent's, without labels": (without("labels", "labels_others", "labels_whole", "total", "total_codes"), 4),
    "labels that are not whole": (changed("labels_whole", to=False), 4),
    "a label with more than all have": (changed("labels", 0, "count", to=10**9), 4),
    "a label with less than it has": (changed("labels", 0, "count", to=1), 4),
    "fewer failures than failed": (changed("labels", 0, "failed", to=7), 4),
    "a total that is another": (changed("total", "count", to=5), 4),
    "samples that were lost": (changed("ledger", "lost", to=3), 4),
    "samples that nobody delivered": (changed("delivery", "delivered", to=0), 4),
    "a sketch that is none": (changed("labels", 0, "sketch", to="AAAA"), 4),
    "a sketch of nothing": (changed("labels", 0, "sketch", to=""), 4),
    "a negative count": (changed("labels", 0, "count", to=-1), 4),
    "a count that is a text": (changed("labels", 0, "count", to="20"), 4),
    "a count beyond all": (changed("labels", 0, "count", to=HUGE), 4),
    "a sum beyond all": (changed("total", "response_time_sum_us", to=HUGE * 2 - 1), 4),
    "a minimum above the maximum": (changed("labels", 0, "response_time_min_us", to=10**12), 4),
    "labels that are an object": (changed("labels", to={}), 4),
    "no ledger": (without("ledger"), 4),
    "a list": (lambda receipt: None, 4),
    "a machine that was too busy": (changed("health", to={"windows": 3, "saturated": 2, "reasons": {"cpu": 2}}), 4),
    "silence at the end": (changed("silent_end_s", to=9), 4),
    "a window without a length": (both(changed("windows_start_s", to=5), changed("windows_end_s", to=5)), 0),
    "a window from the end of time": (both(changed("windows_start_s", to=-HUGE), changed("windows_end_s", to=HUGE - 1)), 0),
    "a label that acts": (changed("labels", 0, "label", to=EVIL), 0),
    "an error that acts": (changed("failures", to=[{"label": EVIL, "kind": "request", "code": "500", "error": EVIL, "count": 1}]), 0),
}


def test_a_receipt_that_cannot_be_true_has_no_part_in_a_verdict(grid):
    (node,) = grid.nodes("node-a")
    grid.start(plans.counted(LOOPS), flood="7", run=1)
    honest = node.finished(flood="7", run=1)["receipt"]
    # A busy machine's is no part of this.
    honest["health"] = {"windows": 1, "saturated": 0, "reasons": {}}
    node.terminate()
    plan = write_plan(grid.gridnode, plans.counted(LOOPS))
    directory = grid.gridnode.directory
    wrong = []
    for run, (case, (change, code)) in enumerate(CASES.items(), start=2):
        receipt = copy.deepcopy(honest)
        change(receipt)
        summary, junit, page = (directory / f"{run}.{name}" for name in ("json", "xml", "md"))
        words = (
            "send", "start", plan, "--flood", "7", "--run", str(run), "--grid", "9", "--upload", "s3://plans/up", "--id", f"cmd-{run}",
            "--topic", grid.cloud.commands_topic, "--events-topic", grid.cloud.events_topic, "--endpoint-url", grid.aws.url,
            "--wait", "--expect", "2", "--fail-if", "p95 > 600s", "--fail-if", "count < 1", "--summary", summary, "--junit", junit,
        )  # fmt: skip
        waiting = grid.gridnode.start(*words, env=environment_of(GITHUB_STEP_SUMMARY=str(page)))
        waiting.says("sent ")
        for name, one in (("node-x", honest), ("node-y", [receipt] if case == "a list" else receipt)):
            event = {
                "version": 1, "id": f"{name}-{run}-1", "type": "flood.finished", "time": "2026-03-01T09:30:00.000Z", "node": name, "grid": "9",
                "region": "us-east-1", "flood": "7", "run": run, "command_id": f"cmd-{run}", "outcome": "completed", "receipt": one,
            }  # fmt: skip
            grid.cloud.publish(event, grid.cloud.events_topic)
        waiting.wait(60)
        document = json.loads(summary.read_text())
        xml.etree.ElementTree.parse(junit)
        said = waiting.text + junit.read_text() + page.read_text()
        if waiting.code != code or document["exit"] != code:
            wrong.append(f"{case}: {waiting.code} and not {code}: {document.get('thresholds_refused')}")
        if "\x1b" in said or "\u202e" in waiting.text or "<script>" in junit.read_text() + page.read_text():
            wrong.append(f"{case}: what acts is in what is said")
        # The honest one's numbers are there in any case.
        count = document["summary"]["floods"][0]["total"]["count"]
        if count < honest["requests"] or code == 4 and count > 2 * honest["requests"]:
            wrong.append(f"{case}: {count} requests of {honest['requests']} each")
    # They are meant to be against the schema.
    grid.events.all.clear()
    assert not wrong, "\n".join(wrong)
