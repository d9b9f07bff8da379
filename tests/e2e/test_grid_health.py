"""What a node says of itself: health each window, idle or not; status to whoever asks on this machine."""

import os
import pathlib

from support import plans
from support.wait import until

TEXTS = {"node", "version", "reason"}
FLOATS = {
    "cpu_percent", "cpu_steal_percent", "load1", "memory_used_percent", "swap_used_percent", "disk_free_bytes",
    "net_rx_bytes_per_s", "net_tx_bytes_per_s", "tool_cpu_percent", "tool_rss_bytes", "agent_cpu_percent",
    "agent_rss_bytes", "spool_bytes", "clock_error_ms",
}  # fmt: skip


def test_health_comes_each_window_idle_or_not(grid, drain):
    node = grid.agent("node-a", health__period_s=1).start()
    until("three idle windows", lambda: len(drain.points("node_health_mean")) >= 4, 60)
    idle = drain.points("node_health_mean")
    grid.start(plans.endless(), flood="7")
    node.one("flood.running")
    busy = until("two windows with a run", lambda: [p for p in drain.points("node_health_mean") if p.fields["runs"] == 1][1:], 60)
    grid.stop(flood="7")
    node.finished()

    points = drain.points("node_health_mean")
    for point in points:
        assert point.tags == {"grid": "9", "region": "us-east-1"}, point.tags
        unknown = set(point.fields) - TEXTS - FLOATS - {"runs", "saturated"}
        assert not unknown, unknown
        assert isinstance(point.fields["runs"], int) and isinstance(point.fields["saturated"], bool), point.fields
        for name in FLOATS & set(point.fields):
            assert isinstance(point.fields[name], float), (name, point.fields[name])
        for name in TEXTS & set(point.fields):
            assert isinstance(point.fields[name], str), (name, point.fields[name])
        assert point.fields["node"] == "node-a" and point.fields["version"]
        # It is bad news for a rate when it has no reason.
        assert bool(point.fields.get("reason")) == point.fields["saturated"], point.fields
    missing = FLOATS - set.union(*(set(point.fields) for point in points))
    # Swap and steal may not exist on a machine; the rest does everywhere.
    assert missing <= {"swap_used_percent", "cpu_steal_percent", "clock_error_ms"}, missing
    assert all(point.fields["runs"] == 0 for point in idle)
    assert any(point.fields["tool_rss_bytes"] > 20e6 for point in busy), busy[-1].fields
    # One a window, none twice, none left out.
    windows = sorted(point.time_ns // 10**9 for point in points)
    assert len(set(windows)) == len(windows), windows
    assert windows[-1] - windows[0] == len(windows) - 1, windows


def test_status_to_whoever_asks(grid):
    node = grid.agent("node-a")
    assert node.status() is None, "nobody is there to answer"
    node.start()
    idle = node.status()
    assert (idle["node"], idle["grid"], idle["runs"]) == ("node-a", "9", []) and idle["queue"]["ready"] is True, idle
    assert idle["pid"] == node.process.pid
    grid.start(plans.endless(), flood="7")
    node.one("flood.running")
    until("the status has its samples", lambda: any(run.get("requests") for run in node.status()["runs"]), 30)
    (run,) = node.status()["runs"]
    assert (run["flood"], run["run"], run["phase"]) == ("7", 1, "running"), run
    grid.stop(flood="7")
    node.finished()
    assert node.status()["runs"] == [] and node.status()["counters"]["finished"] == 1
    assert not listening_tcp(node.process.pid), "nothing of it listens on a TCP port"


def listening_tcp(pid):
    inodes = set()
    for name in ("tcp", "tcp6"):
        for line in pathlib.Path(f"/proc/{pid}/net/{name}").read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == "0A":
                inodes.add(f"socket:[{fields[9]}]")
    directory = pathlib.Path(f"/proc/{pid}/fd")
    return [link for link in (os.readlink(path) for path in directory.iterdir()) if link in inodes]
