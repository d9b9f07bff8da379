"""A Drain that is no InfluxDB 1.x: a real VictoriaMetrics takes the writes, and what it cannot keep is said."""

import pytest

from support.three_nodes import TIMES_MS, measure


def check(gridnode, url):
    topics = ["command_topics=arn:aws:sns:us-east-1:123456789012:c", "event_topic=arn:aws:sns:us-east-1:123456789012:e"]
    settings = [f"--set=control.{topic}" for topic in topics] + ["--set=metadata.enabled=false", "--set=aws.region=us-east-1"]
    return gridnode.run("check", *settings, f"--set=drain.url={url}", seconds=60)


@pytest.mark.parametrize("prefix", ["", "/influx"])
def test_check_says_what_it_cannot_keep(gridnode, victoria, prefix):
    said = " ".join(check(gridnode, victoria.url + prefix).text.split())
    assert "takes writes (VictoriaMetrics)" in said, said
    assert "VictoriaMetrics: it keeps numbers only: label texts, sketches and where traces are become 0" in said, said


def test_every_count_of_every_node_is_there(gridnode, victoria):
    measure(gridnode, victoria.url)
    counts = victoria.values("transaction_rate_mean_count")
    assert sum(value for _, _, value in counts) == sum(len(times_ms) for times_ms in TIMES_MS), counts
    assert {labels["flood"] for labels, _, _ in counts} == {"7"} and {labels["db"] for labels, _, _ in counts} == {"gridnode"}
    sums = victoria.values("response_time_mean_sum")
    assert sum(value for _, _, value in sums) == pytest.approx(sum(map(sum, TIMES_MS)))
    # As `check` says: texts are no numbers.
    assert {value for _, _, value in victoria.values("response_time_sketch_value")} == {0}
    read = gridnode.run("merge", "--from", victoria.url, seconds=60)
    assert read.code == 1 and "is VictoriaMetrics" in " ".join(read.err.split()), read
