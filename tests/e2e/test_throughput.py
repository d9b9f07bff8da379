"""Loss under load. The sender says what it achieved; on a machine that cannot send that fast only the loss is judged."""

import json
import subprocess

import pytest

from support.collecting import collecting
from support.drains import Recorder

SECONDS = 10

pytestmark = pytest.mark.alone


@pytest.mark.parametrize(
    ("datagrams_per_s", "lines"),
    [pytest.param(100_000, 1, id="one-line datagrams"), pytest.param(62_500, 8, id="eight-line datagrams")],
)
def test_nothing_is_lost_at(gridnode, blast, note, datagrams_per_s, lines):
    with Recorder() as drain, collecting(gridnode, drain.url) as collect:
        sent = send(blast, collect.port, "--datagrams-per-s", datagrams_per_s, "--lines", lines, "--seconds", SECONDS)
        receipt = collect.stop()["7"]
        got = drain.rollups()
    ledger = receipt["ledger"]
    note(
        f"{sent['datagrams_per_s']} datagrams/s with {lines} sample(s) each, {sent['samples_per_s']} samples/s for "
        f"{sent['elapsed_s']} s ({datagrams_per_s} datagrams/s asked for): lost {ledger['lost']}, "
        f"dropped by the kernel {ledger['kernel_dropped']}"
    )
    assert (ledger["lost"], ledger["kernel_dropped"]) == (0, 0)
    assert ledger["sent"] == ledger["aggregated"] == sent["samples"] == datagrams_per_s * lines * SECONDS
    assert receipt["sent_exact"] and receipt["delivery"]["delivered"] == sent["samples"]
    assert got.samples == sent["samples"] and len(got.labels) == 50
    # The sender's pattern is known: every 100th fails.
    assert sum(label.failed for label in got.labels.values()) == sent["samples"] // 100


def test_fifty_thousand_labels(gridnode, blast, note):
    labels = 50_000
    with Recorder() as drain, collecting(gridnode, drain.url, "--labels-max", labels, window="5s") as collect:
        idle_kib = collect.process.rss_kib()
        # Ten samples a label, spread over two windows and more: what flushes must not hold up what receives.
        sent = send(blast, collect.port, "--datagrams-per-s", 6_250, "--lines", 8, "--seconds", 10, "--labels", labels)
        peak_kib = collect.process.rss_kib(peak=True)
        receipt = collect.stop(seconds=180)["7"]
        points = drain.points("transaction_rate_mean")
    ledger = receipt["ledger"]
    note(f"{labels} labels, {sent['samples']} samples: {idle_kib >> 10} MiB idle, {peak_kib >> 10} MiB at most")
    assert (ledger["lost"], ledger["kernel_dropped"], ledger["folded_samples"]) == (0, 0, 0)
    assert ledger["aggregated"] == sent["samples"] == 10 * labels
    assert len({point.fields["label"] for point in points}) == labels
    assert sum(point.fields["count"] for point in points) == sent["samples"]
    assert receipt["delivery"]["delivered"] == sent["samples"]
    # Series, two windows being rendered and what waits for the disk; the receive buffer is the kernel's.
    assert peak_kib < 512 << 10


def send(blast, port, *args):
    command = [str(blast), "--to", f"127.0.0.1:{port}", *map(str, args)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
