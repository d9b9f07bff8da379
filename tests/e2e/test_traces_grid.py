"""Error traces of nodes: objects in S3, each with a point that says where, never without; through outages and kills, once."""

import base64
import gzip
import json
import re

import pytest

from support import jmx, proxy
from support.failing import ANSWERS, Failing
from support.traces import shown_as_answered
from support.wait import pause, until

BUCKET, PREFIX = "traces", "of/grid"
SETTINGS = {"traces__uri": f"s3://{BUCKET}/{PREFIX}"}
LABELS = {"status": "/status", "large": "/large", "binary": "/binary"}


@pytest.fixture
def target():
    with Failing() as running:
        yield running


def plan(loops=1, between_ms=0):
    steps = [jmx.http(label, path, headers={"Authorization": "Bearer canary-bearer"}) for label, path in LABELS.items()]
    rest = [jmx.pause(between_ms)] if between_ms else []
    return jmx.plan(jmx.threads(*steps, jmx.http("fine", "/passes"), *rest, loops=loops))


def start(grid, target, text=None, **fields):
    return grid.start(text or plan(), flood="7", users=1, parameters={"port": str(target.port)}, **fields)


def objects(grid):
    """Location → trace."""
    found = {}
    for entry in grid.cloud.s3.list_objects_v2(Bucket=BUCKET).get("Contents", []):
        answer = grid.cloud.s3.get_object(Bucket=BUCKET, Key=entry["Key"])
        found[f"s3://{BUCKET}/{entry['Key']}"] = json.loads(gzip.decompress(answer["Body"].read()))
    return found


def pointers(drain):
    """Location → its points, each with the fields as text."""
    found = {}
    for point in drain.points("trace,"):
        found.setdefault(point.fields["location"], []).append(point)
    return found


def match(grid, drain):
    """All objects have their point, all points their object; gives the objects."""
    there, points = objects(grid), pointers(drain)
    assert set(there) == set(points), (set(there) ^ set(points))
    for location, trace in there.items():
        for point in points[location]:
            assert (point.fields["label"], point.fields["code"], point.fields["time_ns"]) == (trace["label"], trace["code"], trace["time_ns"]), point
        # Sent twice, it is the same point.
        assert len({(point.time_ns, repr(point.fields)) for point in points[location]}) == 1, points[location]
    return there


def test_each_failure_is_an_object_and_a_point_says_where(grid, target, drain):
    grid.cloud.s3.create_bucket(Bucket=BUCKET)
    (node,) = grid.nodes("node-a", **SETTINGS)
    start(grid, target, run=3)
    receipt = node.finished(flood="7", run=3)["receipt"]
    # A slow machine may have some of them wait yet.
    taken = receipt["traces"]
    assert taken["captured"] == taken["uploaded"] + taken["waiting"] == 3, taken
    assert not any(taken[name] for name in ("suppressed", "refused", "lost")), taken
    until("the points are there", lambda: len(pointers(drain)) == 3, 30)
    there = match(grid, drain)
    by_label = {trace["label"]: trace for trace in there.values()}
    assert set(by_label) == set(LABELS)
    for label, path in LABELS.items():
        shown_as_answered(by_label[label], *ANSWERS[path])
    for location, trace in there.items():
        account, flood, run, label_id, name = location.removeprefix(f"s3://{BUCKET}/{PREFIX}/").split("/")
        assert (account, flood, run) == ("1", "7", "3") and len(label_id) == 16 and name.endswith(".json.gz"), location
        (point,) = pointers(drain)[location]
        assert point.tags == {"account": "1", "flood": "7", "project": "5", "grid": "9", "region": "us-east-1", "label_id": label_id}, point
        assert point.fields["request_id"] == trace["correlation"]["x-request-id"], point
        assert point.fields["suppressed"] == 0 and point.fields["id"] == name.removesuffix(".json.gz"), point
    # Every reason names its trace, if that was there by then.
    named = {failure["trace"] for failure in receipt["failures"] if "trace" in failure}
    assert named <= set(there) and len(named) == taken["uploaded"], receipt["failures"]
    texts = [json.dumps(there), str(node.process), json.dumps(receipt), json.dumps([str(point) for point in drain.points()])]
    assert not [text for text in texts if "canary" in text]
    head = grid.cloud.s3.head_object(Bucket=BUCKET, Key=next(iter(there)).removeprefix(f"s3://{BUCKET}/"))
    assert (head["ContentType"], head["ContentEncoding"]) == ("application/json", "gzip"), head


def test_a_value_has_one_mark_in_a_runs_traces_and_receipt(grid, drain):
    """Hidden by the plug-in in the trace, and by the agent in the receipt."""
    grid.cloud.s3.create_bucket(Bucket=BUCKET)
    (node,) = grid.nodes("node-a", run__flush_ms=3_000, **SETTINGS)
    fails = "SampleResult.setSuccessful(false); SampleResult.setResponseCode('500'); SampleResult.setResponseMessage('no: password=canary-17')"
    text = jmx.plan(jmx.threads(jmx.groovy("script", fails)))
    marks = []
    for run in (1, 2):
        grid.start(text, flood="7", run=run, users=1)
        (failure,) = node.finished(flood="7", run=run)["receipt"]["failures"]
        (mark,) = re.findall("‹redacted:[0-9a-f]+›", failure["error"])
        until("its trace is there", lambda: len(objects(grid)) == run, 30)
        (trace,) = [trace for location, trace in objects(grid).items() if f"/7/{run}/" in location]
        assert set(re.findall("‹redacted:[0-9a-f]+›", json.dumps(trace, ensure_ascii=False))) == {mark}, (trace, failure)
        marks.append(mark)
    assert marks[0] != marks[1], "each run has a key of its own"


def test_without_a_place_none_are_taken(grid, target, drain):
    (node,) = grid.nodes("node-a")
    start(grid, target)
    receipt = node.finished(flood="7")["receipt"]
    assert "traces" not in receipt and not pointers(drain), receipt
    assert not list(node.state_dir.rglob("*.json.gz"))


@pytest.mark.parametrize(
    ("error", "says"),
    [
        ((503, "", "", "SlowDown"), "takes no traces now"),
        (proxy.ACCESS_DENIED, "allow s3:PutObject below traces.uri"),
        ((403, "", "", "RequestTimeTooSkewed"), "set this machine's clock"),
        pytest.param(proxy.A_PAGE, "the answer has no ETag, so it is none of S3", id="a page"),
    ],
)
def test_a_store_that_takes_nothing_loses_nothing_and_says_why(grid, target, drain, error, says):
    grid.cloud.s3.create_bucket(Bucket=BUCKET)
    (node,) = grid.nodes("node-a", run__flush_ms=2_000, **SETTINGS)
    # The plan comes from S3, too.
    start(grid, target, plan(loops=40, between_ms=100))
    node.one("flood.running", flood="7")
    grid.proxy.failing(error, only=["s3"])
    receipt = node.finished(flood="7")["receipt"]
    traces = receipt["traces"]
    assert traces["waiting"] > 0 and traces["uploaded"] + traces["waiting"] == traces["captured"] and traces["lost"] == 0, traces
    assert receipt["delivery"]["delivered"] == receipt["ledger"]["aggregated"], "samples do not wait for traces"
    node.process.says(says)
    match(grid, drain)
    grid.proxy.passing()
    # Delivery looks again after a minute at most; a start looks at once.
    node.terminate()
    node.start()
    until("all are there", lambda: len(pointers(drain)) == traces["captured"], 60)
    match(grid, drain)


def test_a_bucket_that_is_made_later_gets_them(grid, target, drain):
    (node,) = grid.nodes("node-a", run__flush_ms=1_000, **SETTINGS)
    start(grid, target)
    traces = node.finished(flood="7")["receipt"]["traces"]
    assert (traces["uploaded"], traces["waiting"]) == (0, 3), traces
    node.process.says("the bucket of traces.uri is not there; make it, or correct traces.uri")
    assert not pointers(drain), "never a pointer to what is not there"
    listed = grid.gridnode.run("spool", "list", "--json", "--state-dir", node.state_dir / "traces")
    assert len(json.loads(listed.out)["batches"]) == 3, listed
    verified = grid.gridnode.run("spool", "verify", "--state-dir", node.state_dir / "traces")
    assert verified.code == 0 and "3 batches looked at, 0 faults" in verified.out, verified
    grid.cloud.s3.create_bucket(Bucket=BUCKET)
    node.terminate()
    node.start()
    until("all are there", lambda: len(pointers(drain)) == 3, 60)
    assert len(match(grid, drain)) == 3


def test_what_has_waited_for_too_long_is_given_up_and_said(grid, target, drain):
    (node,) = grid.nodes("node-a", run__flush_ms=1_000, traces__age_max_s=60, **SETTINGS)
    start(grid, target)
    traces = node.finished(flood="7")["receipt"]["traces"]
    assert (traces["uploaded"], traces["waiting"], traces["lost"]) == (0, 3, 0), traces
    until("none waits", lambda: not list((node.state_dir / "traces" / "spool").rglob("*.gz")), 150)
    node.process.says("given up undelivered, counted as evicted: they were older")
    grid.cloud.s3.create_bucket(Bucket=BUCKET)
    node.terminate()
    node.start()
    pause(3)
    assert objects(grid) == {} and pointers(drain) == {}


def test_killed_again_and_again_each_is_there_under_one_name(grid, target, drain):
    """Between the object and its point, too: the Drain is slow to be there."""
    grid.cloud.s3.create_bucket(Bucket=BUCKET)
    (node,) = grid.nodes("node-a", run__flush_ms=1_000, **SETTINGS)
    grid.proxy.slow(0.2, only=["s3"])
    start(grid, target, plan(loops=200, between_ms=50))
    waiting = lambda: list((node.state_dir / "traces" / "spool").rglob("*.gz"))
    until("some are on their way", lambda: len(objects(grid)) + len(waiting()) >= 4, 60)
    node.shoot()
    for seconds in (0.3, 0.6, 1.0):
        node.start(ready=False)
        pause(seconds)
        node.shoot()
    grid.proxy.passing()
    node.start()
    until("nothing waits", lambda: not waiting(), 60)
    until("the points are there", lambda: set(pointers(drain)) == set(objects(grid)), 60)
    there = match(grid, drain)
    assert len(there) >= 3, there
    # What was said is what was sent: no trace has two names.
    assert len({base64.b64encode(json.dumps(trace, sort_keys=True).encode()) for trace in there.values()}) == len(there)


def test_the_receipt_after_a_kill_says_what_became_of_the_traces(grid, target, drain):
    grid.cloud.s3.create_bucket(Bucket=BUCKET)
    (node,) = grid.nodes("node-a", run__flush_ms=1_000, **SETTINGS)
    start(grid, target, plan(loops=200, between_ms=50))
    node.one("flood.running", flood="7")
    until("some are there", lambda: len(pointers(drain)) >= 3, 60)
    (left,) = node.state_dir.glob("runs/*/tool/traces")
    # What the agent had taken of the plug-in's counts.
    (left / "trace-told.tmp").write_text('{"others": 500}')
    (left / "trace-told.tmp").rename(left / "trace-told-suppressed.json")
    (account,) = until("its account is there", lambda: list(node.state_dir.glob("trace-accounts/*.json")))
    until("it has them", lambda: json.loads(account.read_text())["suppressed"] >= 500)
    node.shoot()
    # What the plug-in had told and written before it died with the agent, which has seen nothing of it.
    (left / "trace-dead-1.json").write_text("{}")
    (left / "trace-dead-suppressed.pending").write_text('{"others": 1000}')
    node.start()
    event = node.finished(flood="7")
    traces = event["receipt"]["traces"]
    assert traces["suppressed"] >= 1_500 and 1 <= traces["lost"] <= 20, traces
    assert "error traces were not taken, and count as lost" in " ".join(event["receipt"]["warnings"]), event
    assert "what the tool sent afterwards is in no count" in event["reason"], event
    assert traces["captured"] <= traces["uploaded"] + traces["waiting"] + traces["lost"] and traces["uploaded"] >= 3, traces
    until("the points are there", lambda: set(pointers(drain)) == set(objects(grid)), 60)
    assert traces["captured"] <= len(objects(grid)), "and those in files that the agent had not taken"
    until("the account is gone with the run", lambda: not account.exists())
