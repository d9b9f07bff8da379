"""The spool in the hands of an operator: looked at, sent again, moved, restored out of a backup."""

import json
import os
import shutil
import time

import pytest

from support import ports
from support.collecting import collecting
from support.drains import Recorder, always
from support.spool import counters, durable, mounted, send, spooled
from support.wait import until


def renamed(name, samples):
    run, _, file = name.partition("__")
    parts = file.split("-")
    parts[3] = str(samples)
    return f"{run}__{'-'.join(parts)}"


def test_what_is_in_quarantine_can_be_looked_at_and_sent_again(gridnode):
    refusal = b'{"error":"unable to parse \'x\'"}'
    with Recorder(always(400, refusal)) as drain, collecting(gridnode, drain.url, "--run", "5") as collect:
        send(collect.port, 12)
        receipt = collect.stop(code=4)["7"]
    assert receipt["delivery"]["quarantined"] == 12
    at = ("--state-dir", collect.state_dir)
    listed = gridnode.run("spool", "list", *at)
    assert "quarantine" in listed.out and "unable to parse" in listed.out, listed
    batches = json.loads(gridnode.run("spool", "list", "--json", *at).out)["batches"]
    assert {batch["place"] for batch in batches} == {"quarantine"} and sum(batch["samples"] for batch in batches) == 12
    shown = gridnode.run("spool", "show", batches[0]["name"], "--all", *at)
    assert len(shown.out.splitlines()) == batches[0]["points"], shown
    # The log knows a batch by its number; a run's results have the state inside.
    _, incarnation, number, *_ = batches[0]["name"].partition("__")[2].split("-")
    assert gridnode.run("spool", "show", f"{incarnation}-{number}", "--all", *at).out == shown.out
    nested = collect.state_dir.with_name("out")
    nested.mkdir()
    (nested / "state").symlink_to(collect.state_dir)
    outside = gridnode.run("spool", "list", "--state-dir", nested)
    assert outside.code == 1 and f"--state-dir {nested / 'state'}" in outside.err, outside
    assert gridnode.run("spool", "verify", *at).code == 0
    # What would be counted twice, or otherwise than it is, does not go back.
    sent = next(batch for batch in batches if batch["samples"])
    file = collect.state_dir / sent["name"]
    copy, false = (file.with_name(name) for name in (file.name.replace("-1-", "-1-77", 1), renamed(file.name, samples=1000)))
    for wrong, why in ((copy, "is a copy of"), (false, "its name says 1000 samples")):
        shutil.copy(file, wrong)
        refused = gridnode.run("spool", "replay", "--all", *at)
        assert refused.code == 1 and why in refused.err, refused
        assert gridnode.run("spool", "verify", *at).code == 3
        wrong.unlink()
    twice = [batch["name"] for batch in batches] + [sent["name"]]
    replayed = gridnode.run("spool", "replay", *at, *twice)
    assert replayed.code == 0 and "12 samples are" in replayed.err, replayed
    with Recorder() as drain, collecting(gridnode, drain.url, "--run", "6", state_dir=collect.state_dir) as again:
        until("it is delivered", lambda: drain.rollups().samples == 12, 30)
        until("it is counted", lambda: counters(again).get("7.5", {}).get("delivered", {}).get("samples") == 12, 30)
        assert counters(again)["7.5"]["quarantined"]["samples"] == 0
        busy = gridnode.run("spool", "replay", "--all", *at)
        assert busy.code == 1 and "in use by another process of gridnode" in busy.err, busy
        again.stop()
    assert "nothing waits" in gridnode.run("spool", "list", *at).out


def test_what_waits_is_sent_by_a_command_that_ends(gridnode):
    with Recorder(always(503)) as away, collecting(gridnode, away.url, "--run", "5") as collect:
        send(collect.port, 12)
        collect.stop(code=4)
        at = ("--state-dir", collect.state_dir)
        left = gridnode.run("spool", "send", *at, "--drain", away.url, "--timeout", "1s")
        assert left.code == 4 and "it waits in the spool" in left.err, left
    with Recorder() as drain:
        sent = gridnode.run("spool", "send", *at, "--drain", drain.url)
        assert sent.code == 0 and "everything that waited in the spool is delivered" in sent.err and not sent.out, sent
        assert drain.rollups().samples == 12
        again = gridnode.run("spool", "send", *at, "--drain", drain.url)
        assert again.code == 0 and drain.rollups().samples == 12, again
    none = gridnode.run("spool", "send", "--state-dir", collect.state_dir.with_name("none"), "--drain", drain.url)
    assert none.code == 1 and "--state-dir DIR says where" in none.err and not collect.state_dir.with_name("none").exists(), none


def test_what_somebody_has_given_another_name_stays_where_it_is(gridnode):
    with Recorder(always(400, b'{"error":"unable to parse"}')) as drain, collecting(gridnode, drain.url) as collect:
        send(collect.port, 3)
        until("a batch is refused", lambda: list(collect.state_dir.glob("quarantine/*.gz")), 30)
        send(collect.port, 3)
        collect.stop(code=4)
    quarantine = collect.state_dir / "quarantine"
    file = next(quarantine.glob("*.gz"))
    kept = [file.rename(f"{file}.tmp"), quarantine / "mine.tmp"]
    kept[1].write_text("mine")
    half = next(quarantine.glob("*.gz"))
    run, _, name = half.name.partition("__")
    # A copy to another file system that a kill has cut off.
    (collect.state_dir / "spool" / run).mkdir(exist_ok=True)
    shutil.copy(half, collect.state_dir / "spool" / run / name)
    cut = half.rename(f"{half}.tmp")
    with Recorder() as drain, collecting(gridnode, drain.url, state_dir=collect.state_dir) as again:
        until("it listens", lambda: not cut.exists(), 30)
        again.stop()
        said = again.process.err
    assert all(path.exists() for path in kept)
    assert "lie in the quarantine" in said, said


@pytest.mark.unprivileged
def test_accounts_that_were_made_read_only_are_written_all_the_same(gridnode):
    with Recorder() as drain, collecting(gridnode, drain.url) as collect:
        send(collect.port, 3)
        until("there are accounts", lambda: list(collect.state_dir.glob("counters.json*")), 30)
        for path in collect.state_dir.glob("counters.json*"):
            path.chmod(0o400)
        send(collect.port, 4)
        collect.stop()
    assert sum(run["delivered"]["samples"] for run in counters(collect).values()) == 7


def test_a_broken_batch_is_found_and_a_refused_one_removed(gridnode):
    refusal = b'{"error":"unable to parse \'x\'"}'
    with Recorder(always(400, refusal)) as drain, collecting(gridnode, drain.url) as collect:
        send(collect.port, 3)
        collect.stop(code=4)
    at = ("--state-dir", collect.state_dir)
    file = next(collect.state_dir.glob("quarantine/*.gz"))
    file.write_bytes(file.read_bytes()[:-4])
    broken = gridnode.run("spool", "verify", *at)
    assert broken.code == 3 and file.name in broken.err, broken
    unknown = gridnode.run("spool", "drop", "quarantine/nothing", *at)
    assert unknown.code == 1 and "spool list" in unknown.err, unknown
    (collect.state_dir / "corrupt").mkdir(exist_ok=True)
    shutil.copy(file, collect.state_dir / "corrupt")
    assert gridnode.run("spool", "drop", "--all", *at).code == 0
    assert list(collect.state_dir.glob("quarantine/*")) + list(collect.state_dir.glob("corrupt/*")) == []


def test_verify_finds_what_a_start_would_refuse(gridnode):
    with Recorder() as drain, collecting(gridnode, drain.url) as collect:
        collect.stop()
    at = ("--state-dir", collect.state_dir)
    assert gridnode.run("spool", "verify", *at).code == 0
    for name, text, why in (("layout", "99", "has layout 99"), ("incarnation", "4294967295", "incarnation")):
        before = (collect.state_dir / name).read_text()
        (collect.state_dir / name).write_text(text)
        verified = gridnode.run("spool", "verify", *at)
        assert verified.code == 3 and why in verified.err, verified
        (collect.state_dir / name).write_text(before)


def test_a_spool_out_of_a_backup_is_not_counted_again(gridnode, tmp_path):
    nobody = f"http://127.0.0.1:{ports.free_tcp()}"
    with collecting(gridnode, nobody, "--run", "5") as collect:
        send(collect.port, 10)
        durable(collect, 10)
        shutil.copytree(collect.state_dir / "spool", tmp_path / "backup")
        collect.stop(code=4)
    with Recorder() as drain:
        for run in ("6", "7"):
            with collecting(gridnode, drain.url, "--run", run, state_dir=collect.state_dir) as again:
                until("all is delivered", lambda: drain.rollups().samples == 10 and not spooled(again), 30)
                again.stop()
            shutil.copytree(tmp_path / "backup", collect.state_dir / "spool", dirs_exist_ok=True)
    assert "is there again, although batch" in again.process.err, again.process
    assert len(os.listdir(collect.state_dir / "corrupt")) == len(list((tmp_path / "backup").glob("*/*.gz"))), again.process


def test_a_restored_state_directory_counts_the_same_starts_again(gridnode, tmp_path):
    """Batches of the life that the backup does not know are nobody's copies."""
    is_up, state, kept, backup = [], tmp_path / "state", tmp_path / "kept", tmp_path / "backup"
    with Recorder(lambda number: (204, {}, b"") if is_up else (503, {}, b"")) as drain:
        for count, place in ((10, backup), (30, kept)):
            with collecting(gridnode, drain.url, state_dir=state) as collect:
                send(collect.port, count - (0 if place == backup else 10))
                durable(collect, count)
                collect.stop(code=4)
            shutil.copytree(state, place)
        shutil.rmtree(state)
        shutil.copytree(backup, state)
        is_up.append(True)
        with collecting(gridnode, drain.url, state_dir=state) as collect:
            send(collect.port, 5)
            until("it is delivered", lambda: drain.rollups().samples == 15, 30)
            collect.stop()
        shutil.copytree(kept / "spool", state / "spool", dirs_exist_ok=True)
        with collecting(gridnode, drain.url, state_dir=state) as collect:
            until("the others are, too", lambda: drain.rollups().samples == 35, 30)
            collect.stop()


@pytest.mark.parametrize("place", ["spool", "quarantine"])
def test_a_directory_may_be_a_disk_of_its_own(gridnode, tmp_path, place):
    """What is refused goes into the quarantine there, and comes back."""
    is_taken, state = [], tmp_path / "state"
    state.mkdir()
    answer = lambda number: (204, {}, b"") if is_taken else (400, {"X-Influxdb-Version": "1.8.10"}, b'{"error":"field type conflict"}')
    with mounted(state / place, "2m"), Recorder(answer) as drain:
        with collecting(gridnode, drain.url, state_dir=state) as collect:
            send(collect.port, 10)
            until("it is in the quarantine", lambda: list((state / "quarantine").glob("*.gz")), 30)
            begun = time.monotonic()
            collect.stop(code=4)
            assert time.monotonic() - begun < 15, "nothing is left to do"
        assert "accounts" not in collect.process.err and not spooled(collect), collect.process
        replayed = gridnode.run("spool", "replay", "--all", "--state-dir", state)
        assert replayed.code == 0 and "failed" not in replayed.err and not list((state / "quarantine").iterdir()), replayed
        is_taken.append(True)
        with collecting(gridnode, drain.url, state_dir=state) as collect:
            until("it is delivered", lambda: drain.rollups().samples == 10, 30)
            collect.stop()
