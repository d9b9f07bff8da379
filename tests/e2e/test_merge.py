"""Many nodes, one flood: `drain` and `merge` compute percentiles from merged sketches, never from percentiles."""

import json
import urllib.error
import urllib.request

import pytest

from support import ports, rollups
from support.three_nodes import TIMES_MS, measure

def nearest_rank(values, permille):
    return sorted(values)[(len(values) * permille + 999) // 1000 - 1]


def check(summary):
    (flood,) = summary["floods"]
    (label,) = flood["labels"]
    everything = [time_ms for times_ms in TIMES_MS for time_ms in times_ms]
    assert (label["label"], label["count"], flood["nodes"]) == ("checkout", len(everything), 3)
    assert label["percentiles_complete"] is True
    assert label["response_time"]["sum_ms"] == pytest.approx(sum(everything))
    assert (label["response_time"]["min_ms"], label["response_time"]["max_ms"]) == (10.0, 5_390.0)
    for permille, key in ((500, "p50_ms"), (900, "p90_ms"), (950, "p95_ms"), (990, "p99_ms")):
        assert label[key] == pytest.approx(nearest_rank(everything, permille), rel=0.008), key


@pytest.fixture
def drain(gridnode):
    port = ports.free_tcp()
    record = gridnode.directory / "record.lp"
    running = gridnode.start("drain", "--listen", f"127.0.0.1:{port}", "--record", record)
    running.says("listens on")
    running.url, running.record = f"http://127.0.0.1:{port}", record
    return running


def get(url):
    with urllib.request.urlopen(url, timeout=30) as answer:
        return json.load(answer)


def test_the_drain_for_development_merges_nodes(gridnode, drain):
    measure(gridnode, drain.url)
    check(get(f"{drain.url}/summary"))
    drain.interrupt()
    drain.wait(20)


def test_runs_of_a_flood_are_apart_unless_they_are_to_be_added_up(gridnode, drain):
    measure(gridnode, drain.url)
    measure(gridnode, drain.url, run="2", name="-again")
    apart = get(f"{drain.url}/summary")["floods"]
    assert [flood["run"] for flood in apart] == [1, 2]
    for flood in apart:
        check({"floods": [flood]})
    (added,) = get(f"{drain.url}/summary?runs=added")["floods"]
    assert (added["run"], added["runs"], added["total"]["count"]) == (None, [1, 2], 2 * 1_240)
    drain.interrupt()
    drain.wait(20)
    merged = gridnode.run("merge", drain.record)
    assert [flood["run"] for flood in json.loads(merged.out)["floods"]] == [1, 2] and "--add-runs" in merged.err, merged
    (added,) = json.loads(gridnode.run("merge", "--add-runs", drain.record).out)["floods"]
    assert added["total"]["count"] == 2 * 1_240


def test_merge_of_files_gives_the_same_numbers(gridnode, drain):
    measure(gridnode, drain.url)
    served = get(f"{drain.url}/summary")
    drain.interrupt()
    drain.wait(20)
    merged = gridnode.run("merge", drain.record)
    assert merged.code == 0, merged
    summary = json.loads(merged.out)
    check(summary)
    assert summary["floods"][0]["labels"] == served["floods"][0]["labels"]
    # In halves, the second first and one of them twice: order and repetition change nothing.
    lines = drain.record.read_text().splitlines(keepends=True)
    halves = [gridnode.directory / "one.lp", gridnode.directory / "two.lp"]
    halves[0].write_text("".join(lines[: len(lines) // 2]))
    halves[1].write_text("".join(lines[len(lines) // 2 :]))
    again = json.loads(gridnode.run("merge", halves[1], halves[0], halves[1]).out)
    one, other = again["floods"][0]["labels"][0], summary["floods"][0]["labels"][0]
    # Only the deviation is made of floats, whose sum depends on their order in the last digit.
    assert one["response_time"].pop("stddev_ms") == pytest.approx(other["response_time"].pop("stddev_ms"), rel=1e-9)
    assert one == other
    assert again["duplicate_points"] == len(lines) - len(lines) // 2
    # And our own reader agrees with it.
    mine = rollups.read(drain.record).of("checkout")
    for permille, key in ((500, "p50_ms"), (990, "p99_ms")):
        assert other[key] == pytest.approx(mine.percentile_ms(permille))


def test_lines_that_cannot_be_merged_fail_the_command(gridnode):
    bad = gridnode.directory / "bad.lp"
    bad.write_text('nonsense\ntransaction_rate_mean,flood=7,label_id=00 value=1.0,count=3i,window_s=1.0,label="a" 1\n')
    merged = gridnode.run("merge", bad)
    assert merged.code not in (0, 2) and "bad.lp:1" in merged.err, merged
    missing = gridnode.run("merge", gridnode.directory / "nowhere.lp")
    assert missing.code == 1 and "nowhere.lp" in missing.err, missing


def test_the_drain_says_what_is_wrong_with_a_write(drain):
    request = urllib.request.Request(f"{drain.url}/write?db=x&precision=ns", data=b"what is this\n")
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request, timeout=30)
    assert refused.value.code == 400 and "what" in refused.value.read().decode()
    drain.interrupt()
    drain.wait(20)
