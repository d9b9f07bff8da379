"""The way out under a disk and a Drain that misbehave, and kill -9: every sample is in one account."""

import gzip
import json
import os
import pathlib
import shutil
import time

import pytest

from support import ports, sump
from support.collecting import Collect, collecting
from support.drains import Recorder, always
from support.spool import counters, durable, mounted, send, spooled
from support.wait import until

PROXY = b"<html><title>400 The plain HTTP request was sent to HTTPS port</title></html>"
BEYOND = b'{"error":"partial write: points beyond retention policy dropped=1"}'


def test_after_kill_9_with_a_healthy_drain_the_accounts_know_what_was_delivered(gridnode):
    with Recorder() as drain, collecting(gridnode, drain.url, "--run", "5") as collect:
        send(collect.port, 40)
        until("it is stored", lambda: drain.rollups().samples == 40, 30)
        until("it is counted", lambda: counters(collect)["7.5"]["delivered"]["samples"] == 40, 30)
        collect.process.signal(9)
        collect.process.wait()


@pytest.mark.parametrize("how", ["cut", "removed", "rotten", "edited", "lengthened"])
def test_a_batch_that_is_no_longer_there_was_never_delivered(gridnode, how):
    nobody = f"http://127.0.0.1:{ports.free_tcp()}"
    with collecting(gridnode, nobody, "--run", "5") as collect:
        send(collect.port, 10)
        durable(collect, 10)
        until("it is counted", lambda: counters(collect)["7.5"]["spooled"]["samples"] == 10, 30)
        collect.process.signal(9)
        collect.process.wait()
    victim = max(spooled(collect), key=lambda file: int(os.path.basename(file).split("-")[3]))
    samples = int(os.path.basename(victim).split("-")[3])
    if how == "cut":
        os.truncate(victim, 0)
    elif how == "rotten":
        os.truncate(victim, os.path.getsize(victim) - 3)
    elif how == "edited":
        lines = gzip.decompress(pathlib.Path(victim).read_bytes()).splitlines(keepends=True)
        pathlib.Path(victim).write_bytes(gzip.compress(b"".join(lines[1:])))
    elif how == "lengthened":
        with open(victim, "ab") as file:
            file.write(b"more")
    else:
        os.remove(victim)
    with Recorder() as drain, collecting(gridnode, drain.url, "--run", "6", state_dir=collect.state_dir) as again:
        until("the rest is delivered", lambda: drain.rollups().samples == 10 - samples, 30)
        account = "unexplained" if how == "removed" else "set_aside"
        until("it is counted", lambda: counters(again).get("7.5", {}).get(account, {}).get("samples") == samples, 30)
        assert counters(again)["7.5"]["delivered"]["samples"] <= 10 - samples
        again.stop(code=4)
        assert f"samples={samples}" in again.process.err, again.process


@pytest.fixture
def small_disk(tmp_path):
    """A file system of 2 MiB."""
    with mounted(tmp_path / "small", "2m") as mount:
        yield mount


def fill(disk):
    with pytest.raises(OSError), open(disk / "fill", "ab") as file:
        while True:
            file.write(b"x" * 4096)
            file.flush()


def test_a_disk_that_is_full_for_a_while_costs_nothing(gridnode, small_disk):
    is_up = []
    with Recorder(lambda number: (204, {}, b"") if is_up else (503, {}, b"")) as drain:
        with collecting(gridnode, drain.url, state_dir=small_disk / "state") as collect:
            send(collect.port, 30)
            durable(collect, 30)
            before = spooled(collect)
            fill(small_disk)
            for _ in range(8):
                send(collect.port, 30)
                time.sleep(1)
            assert set(before) <= set(spooled(collect)), "nothing is evicted for a disk that is full for seconds"
            os.remove(small_disk / "fill")
            is_up.append(True)
            send(collect.port, 30)
            receipt = collect.stop()["7"]
    assert receipt["delivery"]["delivered"] == receipt["ledger"]["aggregated"] == 300
    assert receipt["delivery"]["evicted"] == 0 and drain.rollups().samples == 300
    assert "the disk is full" in collect.process.err


def test_what_a_proxy_says_destroys_nothing(gridnode):
    with Recorder(always(400, PROXY)) as drain, collecting(gridnode, drain.url) as collect:
        send(collect.port, 10)
        collect.process.says("must begin with https://")
        receipt = collect.stop(code=4)["7"]
    assert receipt["delivery"]["spooled"] == 10 and receipt["delivery"]["quarantined"] == 0


def test_one_old_batch_does_not_hold_up_fresh_ones(gridnode):
    with Recorder(lambda number: (500, {}, BEYOND) if number == 1 else (204, {}, b"")) as drain:
        with collecting(gridnode, drain.url) as collect:
            send(collect.port, 5)
            until("it was refused", lambda: len(drain.writes) >= 1, 30)
            send(collect.port, 20)
            receipt = collect.stop(code=4)["7"]
    delivery = receipt["delivery"]
    assert delivery["uncertain"] + delivery["delivered"] == 25 and delivery["delivered"] >= 20, delivery


def test_an_unreadable_number_of_starts_never_begins_again(gridnode):
    with Recorder() as drain:
        with collecting(gridnode, drain.url, "--run", "1") as collect:
            send(collect.port, 5)
            collect.stop()
        state = collect.state_dir
        (state / "incarnation").write_bytes(b"\xff" * 8)
        with collecting(gridnode, drain.url, "--run", "1", state_dir=state) as again:
            assert (state / "incarnation").read_text() == "2", "the accounts know it, too"
            again.stop()
        (state / "incarnation").write_bytes(b"")
        (state / "counters.json").unlink()
        refused = gridnode.run("collect", "--listen", f"127.0.0.1:{ports.free_udp()}", "--drain", drain.url, "--state-dir", state)
        assert refused.code == 1 and "certainly higher" in refused.err, refused
        (state / "counters.json").write_text("{")
        refused = gridnode.run("collect", "--listen", f"127.0.0.1:{ports.free_udp()}", "--drain", drain.url, "--state-dir", state)
        assert refused.code == 1 and "move this file away" in refused.err, refused


def test_a_healthy_node_folds_no_windows(gridnode):
    """Six floods on one socket, each with a late sample at every close."""
    with Recorder() as drain, collecting(gridnode, drain.url) as collect:
        with sump.Sender(collect.port) as sender:
            for _ in range(6):
                now = time.time_ns()
                for flood in range(6):
                    for late_s in (0, 4):
                        at = now - late_s * 1_000_000_000
                        sender.send(f"sample,flood=f{flood},label=a rt=1,ok=t,users=10i {at}\n".encode())
                time.sleep(1)
        collect.stop()
        windows = {point.fields["window_s"] for point in drain.points("transaction_rate_mean")}
        assert windows == {1.0} and drain.rollups().samples == 72


def test_who_sends_an_old_spool_hears_what_waits_and_when_it_is_delivered(gridnode):
    nobody = f"http://127.0.0.1:{ports.free_tcp()}"
    with collecting(gridnode, nobody, "--run", "5") as collect:
        send(collect.port, 9)
        collect.stop(code=4)
    state = collect.state_dir
    with collecting(gridnode, nobody, state_dir=state) as again:
        again.process.says("results of earlier runs wait in the spool")
        again.stop(code=4)
        assert "not everything is delivered" in again.process.err
    with Recorder() as drain, collecting(gridnode, drain.url, state_dir=state) as again:
        again.process.says("everything that waited in the spool is delivered")
        again.stop()
        assert drain.rollups().samples == 9


def test_a_disk_that_takes_nothing_does_not_matter_to_a_drain_that_does(gridnode, small_disk):
    with Recorder() as drain, collecting(gridnode, drain.url, "--run", "5", state_dir=small_disk / "state") as collect:
        send(collect.port, 10)
        until("it is counted", lambda: counters(collect).get("7.5", {}).get("delivered", {}).get("samples") == 10, 30)
        fill(small_disk)
        for _ in range(4):
            send(collect.port, 10)
            time.sleep(1)
        until("what the disk does not take is delivered from memory", lambda: drain.rollups().samples >= 30, 30)
        receipt = collect.stop()["7"]
        assert receipt["delivery"]["delivered"] == receipt["ledger"]["aggregated"] == drain.rollups().samples == 50
        # The accounts have room of their own; a run of which nothing is left may be forgotten by now.
        assert counters(collect).get("7.5", {"delivered": {"samples": 50}})["delivered"]["samples"] == 50
        fill(small_disk)
        with collecting(gridnode, drain.url, "--run", "6", state_dir=collect.state_dir) as again:
            send(again.port, 10)
            assert again.stop()["7"]["delivery"]["delivered"] == 10
            assert "is full: free some space" in again.process.err


def test_what_was_delivered_from_memory_is_delivered_after_a_kill_at_any_moment(gridnode, small_disk):
    """The disk takes nothing, the Drain all: between its answer and the accounts, memory files have the batch."""
    state = small_disk / "state"
    with Recorder() as drain, collecting(gridnode, drain.url, "--run", "5", state_dir=state) as collect:
        send(collect.port, 10)
        until("it is stored", lambda: drain.rollups().samples == 10, 30)
        fill(small_disk)
        for kill_s in (0.0, 0.05, 0.2, 0.6):
            send(collect.port, 10)
            before = drain.rollups().samples
            until("more is stored", lambda: drain.rollups().samples >= before + 10, 30)
            time.sleep(kill_s)
            collect.shoot()
            collect = Collect(gridnode, drain.url, "--run", "5", state_dir=state, name=f"after-{kill_s}")
        collect.stop()
        accounts = counters(collect)
        known = sum(run["delivered"]["samples"] for run in accounts.values())
        lost = sum(run["lost_restart"] for run in accounts.values())
        assert (drain.rollups().samples, known, lost) == (50, 50, 0), (accounts, collect.process)


def test_what_a_start_finds_lost_is_a_doubt_of_its_own(gridnode):
    with Recorder(always(503)) as drain, collecting(gridnode, drain.url, "--run", "5") as collect:
        send(collect.port, 10)
        time.sleep(1.5)
        collect.shoot()
    nonce = (collect.state_dir / "nonce").read_text().strip()
    (memory,) = pathlib.Path("/dev/shm").glob(f"gridnode-*-{nonce}")
    shutil.rmtree(memory)
    shutil.rmtree(collect.state_dir / "spool")
    with Recorder() as drain, collecting(gridnode, drain.url, state_dir=collect.state_dir, name="again") as again:
        again.stop(code=4)
    listed = gridnode.run("spool", "list", "--state-dir", collect.state_dir)
    assert "not delivered of run 7.5: 10 samples " in listed.out, listed


def test_a_state_directory_of_somebody_else_or_of_a_living_process_is_left_alone(gridnode):
    with Recorder() as drain, collecting(gridnode, drain.url) as collect:
        send(collect.port, 1)
        until("it is stored", lambda: drain.rollups().samples == 1, 30)
        os.remove(collect.state_dir / "lock")
        second = gridnode.run("collect", "--listen", "127.0.0.1:0", "--drain", drain.url, "--state-dir", collect.state_dir)
        assert second.code == 1 and "a process that lives" in second.err and "remove the file nonce" in second.err, second
        collect.stop()
    if os.geteuid() == 0:
        os.chown(collect.state_dir / "nonce", 12345, -1)
        other = gridnode.run("collect", "--listen", "127.0.0.1:0", "--drain", drain.url, "--state-dir", collect.state_dir)
        assert other.code == 1 and "belongs to an agent of user 12345" in other.err, other


@pytest.mark.parametrize("machine", ["goes on", "stops"])
def test_what_a_full_disk_and_an_absent_drain_leave_is_the_next_starts(gridnode, small_disk, machine):
    nobody = f"http://127.0.0.1:{ports.free_tcp()}"
    with collecting(gridnode, nobody, "--run", "5", state_dir=small_disk / "state") as collect:
        send(collect.port, 10)
        durable(collect, 10)
        fill(small_disk)
        send(collect.port, 10)
        time.sleep(2)
        delivery = collect.stop(code=4)["7"]["delivery"]
    assert (delivery["spooled"], delivery["evicted"] + delivery["uncertain"]) == (20, 0), delivery
    assert "10 samples are neither delivered nor on the disk" in collect.process.err, collect.process
    assert len(spooled(collect)) == 1, "what is durable stays"
    assert waiting(gridnode, collect) == 20
    if machine == "stops":
        nonce = (collect.state_dir / "nonce").read_text().strip()
        (memory,) = pathlib.Path("/dev/shm").glob(f"gridnode-*-{nonce}")
        shutil.rmtree(memory)
    os.remove(small_disk / "fill")
    with Recorder() as drain, collecting(gridnode, drain.url, "--run", "6", state_dir=collect.state_dir, name="again") as again:
        delivered = 20 if machine == "goes on" else 10
        until("it is delivered", lambda: drain.rollups().samples == delivered, 30)
        until("it is in the accounts", lambda: counters(again).get("7.5", {}).get("delivered", {}).get("samples") == delivered, 30)
        assert counters(again)["7.5"]["lost_restart"] == 20 - delivered
        again.process.terminate(60)
        assert ("(lost_restart)" in again.process.err) == (machine == "stops"), again.process


def waiting(gridnode, collect):
    """Samples in the spool and in memory files."""
    listed = gridnode.run("spool", "list", "--json", "--state-dir", collect.state_dir)
    document = json.loads(listed.out)
    return sum(int(os.path.basename(file).split("-")[3]) for file in spooled(collect)) + sum(
        window["samples"] for window in document["memory_windows"]
    )


@pytest.mark.parametrize("name", ["counters.json", "incarnation", "nonce", "layout"])
def test_a_pipe_where_a_file_should_be_does_not_hold_up_the_start(gridnode, name):
    nobody = f"http://127.0.0.1:{ports.free_tcp()}"
    with collecting(gridnode, nobody) as collect:
        collect.process.terminate()
    (collect.state_dir / name).unlink()
    os.mkfifo(collect.state_dir / name)
    again = gridnode.start("collect", "--listen", "127.0.0.1:0", "--drain", nobody, "--state-dir", collect.state_dir)
    # Another file may have what this one had.
    until("it starts or says why not", lambda: "listening" in again.err or f"{name}: " in again.err or "not a file" in again.err, 20)
    again.kill_if_running()


def test_whoever_asks_twice_gets_accounts_of_what_is(gridnode):
    nobody = f"http://127.0.0.1:{ports.free_tcp()}"
    for _ in range(5):
        with collecting(gridnode, nobody, "--run", "5", node=f"n{_}") as collect:
            send(collect.port, 100)
            time.sleep(0.5)
            collect.process.signal(15)
            # Two at one moment are one.
            until("it closes", lambda: "closing windows" in collect.process.err, 10)
            collect.process.signal(15)
            collect.process.wait(30)
            receipts = collect.receipts()
            there = waiting(gridnode, collect)
            # Or there is none: what was not rendered yet is said to be lost.
            assert not receipts or receipts["7"]["delivery"]["spooled"] == there, collect.process


def test_a_state_directory_too_small_for_the_accounts_is_refused_with_what_it_needs(gridnode, tmp_path):
    for size, is_enough in [("128k", False), ("152k", True)]:
        with mounted(tmp_path / size, size) as tiny, Recorder() as drain:
            if is_enough:
                with collecting(gridnode, drain.url, state_dir=tiny / "state", name=size) as collect:
                    send(collect.port, 10)
                    assert collect.stop()["7"]["delivery"]["delivered"] == 10
                    assert "accounts are not durable" not in collect.process.err, collect.process
                continue
            refused = gridnode.run(
                "collect", "--listen", f"127.0.0.1:{ports.free_udp()}", "--drain", drain.url, "--state-dir", tiny / "state"
            )
            assert refused.code == 1 and "128 KiB" in refused.err and "150 KiB" in refused.err, refused


def test_what_cannot_be_read_lies_aside_up_to_a_bound(gridnode):
    nobody = f"http://127.0.0.1:{ports.free_tcp()}"
    with collecting(gridnode, nobody, "--run", "5") as collect:
        send(collect.port, 10)
        collect.stop(code=4)
    corrupt = collect.state_dir / "corrupt"
    old = [corrupt / f"6.1__17000000{n:05}-1-{n}-3-1.lp.gz" for n in range(1, 1_021)]
    for n, file in enumerate(old):
        file.write_bytes(b"x")
        os.utime(file, (n, n))
    for file in spooled(collect):
        os.truncate(file, 5)
    broken = len(spooled(collect))
    with Recorder() as drain, collecting(gridnode, drain.url, "--run", "6", state_dir=collect.state_dir) as again:
        again.process.says("the directory corrupt is full")
        until("all that is broken lies there", lambda: len(list(corrupt.glob("7.5*"))) == broken, 30)
        until("as many as may", lambda: len(list(corrupt.iterdir())) == 1_000, 30)
        again.stop(code=4)
    gone = 20 + broken
    assert [file.exists() for file in old[: gone + 1]] == [False] * gone + [True], "the oldest go"
    listed = json.loads(gridnode.run("spool", "list", "--json", "--state-dir", collect.state_dir).out)
    assert listed["corrupt_removed"] == {"files": gone, "samples": 3 * gone}
    text = gridnode.run("spool", "list", "--state-dir", collect.state_dir).out
    assert f"{gone} files with {3 * gone} samples" in text, text
    assert counters(collect)["7.5"]["set_aside"]["samples"] == 10


def test_a_batch_that_is_changed_under_the_agent_is_not_posted(gridnode):
    is_up = []
    drain = Recorder(lambda number: (204, {}, b"") if is_up else (503, {}, b""))
    with drain, collecting(gridnode, drain.url, "--run", "5") as collect:
        send(collect.port, 10)
        durable(collect, 10)
        for path in map(pathlib.Path, spooled(collect)):
            lines = gzip.decompress(path.read_bytes())
            path.write_bytes(gzip.compress(lines.replace(b"label_id=", b"label_id=f")))
        is_up.append(True)
        until("it is counted", lambda: counters(collect)["7.5"]["set_aside"]["samples"] == 10, 60)
        assert drain.rollups().samples == 0
        collect.stop(code=4)
        assert "it is not what was written" in collect.process.err, collect.process
