"""kill -9 with windows open: what was counted until a moment before is delivered by the next start, once."""

import contextlib
import json
import os
import pathlib
import shutil
import subprocess
import time

import pytest

from support import sump
from support.collecting import collecting
from support.drains import Recorder
from support.wait import until

MEMORY = pathlib.Path("/dev/shm")
# A snapshot a second, and some for a machine with other things to do.
SNAPSHOT_S = 2.5


def carried(collect):
    """The directory in which its windows outlive it."""
    nonce = (collect.state_dir / "nonce").read_text().strip()
    (found,) = MEMORY.glob(f"gridnode-*-{nonce}")
    return found


def counters(collect):
    if not (collect.state_dir / "counters.json").exists():
        return {}
    return json.loads((collect.state_dir / "counters.json").read_text())["runs"]


def send(port, count, labels=1, flood="7"):
    with sump.Sender(port) as sender:
        for n in range(count):
            line = f"sample,flood={flood},label=l{n % labels} rt={n % 90 + 1},ok=t,users=3i {time.time_ns()}\n"
            sender.send(line.encode())


def early_in_a_window(window_s=60):
    """Windows begin on the clock: one that is looked at while it is open must not close meanwhile."""
    left_s = window_s - time.time() % window_s
    if left_s < 15:
        time.sleep(left_s)


def account(saved):
    return {name: saved[name]["samples"] if isinstance(saved[name], dict) else saved[name] for name in ("delivered", "spooled", "lost_restart", "aggregated")}


def test_a_window_that_was_open_is_delivered_by_the_next_start(gridnode):
    early_in_a_window()
    with Recorder() as drain:
        with collecting(gridnode, drain.url, "--run", "5", window="60s") as collect:
            send(collect.port, 1_000, labels=300)
            until("it is kept", lambda: any(path.suffix == ".open" for path in carried(collect).iterdir()), 20)
            time.sleep(SNAPSHOT_S)
            collect.shoot()
        assert drain.rollups().samples == 0
        listed = gridnode.run("spool", "list", "--json", "--state-dir", collect.state_dir)
        windows = json.loads(listed.out)["memory_windows"]
        assert sum(window["samples"] for window in windows) == 1_000, listed
        assert {window["state"] for window in windows} == {"open"}, listed
        with collecting(gridnode, drain.url, "--run", "6", state_dir=collect.state_dir) as again:
            again.process.says("run 7.5: 1000 samples that an earlier process has left in memory files are taken over")
            until("it is delivered", lambda: drain.rollups().samples == 1_000, 30)
            until("it is counted", lambda: counters(again)["7.5"]["delivered"]["samples"] == 1_000, 30)
            assert account(counters(again)["7.5"]) == {"delivered": 1_000, "spooled": 0, "lost_restart": 0, "aggregated": 1_000}
            again.stop()
        assert not carried_names(collect)
    points = drain.points("transaction_rate_mean")
    assert len(points) == 300 and drain.points("ledger_sum") and drain.points("concurrency_max"), len(points)


def carried_names(collect):
    nonce = (collect.state_dir / "nonce").read_text().strip()
    return [path for found in MEMORY.glob(f"gridnode-*-{nonce}") for path in found.iterdir()]


def test_killed_again_and_again_nothing_comes_twice(gridnode):
    """Also while what was taken over is on its way."""
    state_dir = None
    with Recorder() as drain:
        for life in range(6):
            kwargs = {"state_dir": state_dir} if state_dir else {}
            with collecting(gridnode, drain.url, "--run", str(life), window="60s", **kwargs) as collect:
                state_dir = collect.state_dir
                if life % 2 == 0:
                    send(collect.port, 500, labels=100)
                    time.sleep(SNAPSHOT_S)
                else:
                    time.sleep(0.03 * life)
                collect.shoot()
        with collecting(gridnode, drain.url, "--run", "9", state_dir=state_dir) as last:
            until("all is delivered", lambda: drain.rollups().samples >= 1_500, 30)
            time.sleep(2)
            last.stop()
        assert drain.rollups().samples == 1_500
        saved = json.loads((state_dir / "counters.json").read_text())["runs"].values()
        lost = sum(run["lost_restart"] for run in saved)
        assert lost == 0, saved


def test_what_the_machine_has_lost_is_counted(gridnode):
    """It was switched off: its memory is empty."""
    with Recorder() as drain:
        with collecting(gridnode, drain.url, "--run", "5", window="60s") as collect:
            send(collect.port, 25)
            until("it is counted", lambda: counters(collect).get("7.5", {}).get("aggregated") == 25, 30)
            collect.shoot()
        shutil.rmtree(carried(collect))
        with collecting(gridnode, drain.url, "--run", "6", state_dir=collect.state_dir) as again:
            again.process.says("run 7.5: 25 samples were counted and not yet durable when the agent was killed (lost_restart)")
            again.stop(code=4)
        assert drain.rollups().samples == 0


def test_a_broken_snapshot_is_told_and_its_samples_are_counted(gridnode):
    early_in_a_window()
    with Recorder() as drain:
        with collecting(gridnode, drain.url, "--run", "5", window="60s") as collect:
            send(collect.port, 25)
            until("it is counted", lambda: counters(collect).get("7.5", {}).get("aggregated") == 25, 30)
            until("it is kept", lambda: any(path.suffix == ".open" for path in carried(collect).iterdir()), 20)
            time.sleep(SNAPSHOT_S)
            collect.shoot()
        (path,) = [path for path in carried(collect).iterdir() if path.suffix == ".open"]
        path.write_bytes(path.read_bytes()[:-1])
        with collecting(gridnode, drain.url, "--run", "6", state_dir=collect.state_dir) as again:
            again.process.says("cannot be read")
            again.process.says("run 7.5: 25 samples were counted and not yet durable")
            again.stop(code=4)


class Memory:
    """A view of the file systems in which `/dev/shm` is another one."""

    def __init__(self):
        script = "mount -t tmpfs -o size=2m tmpfs /dev/shm && echo ready && exec sleep 300"
        self._keeper = subprocess.Popen(["unshare", "--mount", "sh", "-c", script], stdout=subprocess.PIPE)
        assert self._keeper.stdout.readline() == b"ready\n"
        self.prefix = ("nsenter", "--mount", "--target", str(self._keeper.pid))

    def snapshots(self):
        return list(pathlib.Path(f"/proc/{self._keeper.pid}/root/dev/shm").glob("gridnode-*/*.open"))

    def remount(self, how):
        """It cannot be read-only while somebody is writing a file."""
        command = [*self.prefix, "mount", "-o", f"remount,{how}", "/dev/shm"]
        until(f"it is {how}", lambda: subprocess.run(command, capture_output=True).returncode == 0, 20)

    def end(self):
        self._keeper.kill()
        self._keeper.wait()


@pytest.fixture
def memory():
    if os.geteuid() != 0:
        pytest.skip("only root can mount")
    with contextlib.ExitStack() as stack:
        found = Memory()
        stack.callback(found.end)
        yield found


@pytest.mark.parametrize("is_back", [False, True], ids=["killed meanwhile", "killed later"])
def test_a_window_that_was_delivered_is_not_taken_over_from_memory_that_was_read_only(gridnode, memory, is_back):
    with Recorder() as drain:
        with collecting(gridnode, drain.url, "--run", "5", window="10s", prefix=memory.prefix) as collect:
            send(collect.port, 100)
            until("it is kept", memory.snapshots, 20)
            memory.remount("ro")
            until("it is delivered", lambda: drain.rollups().samples == 100, 30)
            until("it is counted", lambda: counters(collect)["7.5"]["delivered"]["samples"] == 100, 30)
            assert memory.snapshots(), "it could not be removed"
            sent = 100
            if is_back:
                memory.remount("rw")
                send(collect.port, 10)
                sent += 10
                until("the next one is delivered", lambda: drain.rollups().samples == sent, 30)
                until("it is counted", lambda: counters(collect)["7.5"]["delivered"]["samples"] == sent, 30)
                assert not memory.snapshots()
            collect.shoot()
        memory.remount("rw")
        with collecting(gridnode, drain.url, "--run", "6", state_dir=collect.state_dir, prefix=memory.prefix) as again:
            again.stop()
        assert account(counters(again)["7.5"]) == {"delivered": sent, "spooled": 0, "lost_restart": 0, "aggregated": sent}
        assert drain.rollups().samples == sent and not memory.snapshots()
        assert not list((collect.state_dir / "progress").glob("*.gone"))
