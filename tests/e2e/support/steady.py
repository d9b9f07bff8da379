"""Rollups of a run that never was: labels with windows of 15 s, whose times hang together from window to window."""

import dataclasses
import random

from hdrh.histogram import HdrHistogram

WINDOW_S = 15
START_S = 1_700_000_010


@dataclasses.dataclass
class Label:
    text: str
    p50_ms: float = 100.0
    samples: int = 200
    failed: float = 0.0


def write(path, labels, windows=30, seed=1, node="n1", run=1, start_s=START_S):
    """A file of rollups; a slow window makes the next one slow, too."""
    dice = random.Random(seed)
    lines, received, swing = [], 0, 0.0
    for at in range(windows):
        swing = 0.5 * swing + dice.gauss(0, 0.03)
        for number, label in enumerate(labels):
            window_ns = (start_s + at * WINDOW_S) * 1_000_000_000 + 1_000 * number + sum(node.encode())
            sketch, times = HdrHistogram(1, 3_600_000_000, 2), []
            for _ in range(label.samples):
                times.append(max(1, round(label.p50_ms * 1_000 * dice.lognormvariate(swing, 0.3))))
                sketch.record_value(times[-1])
            failed = sum(dice.random() < label.failed for _ in times)
            tags = f"flood=shop,label_id={number:016x}"
            text = label.text.replace("\\", "\\\\").replace('"', '\\"')
            count = len(times)
            lines += [
                f"response_time_mean,{tags} value=1.0,sum={sum(times) / 1_000:.3f},min={min(times) / 1_000:.3f},"
                f"max={max(times) / 1_000:.3f},stddev=0.0,count={count}i {window_ns}",
                f'response_time_sketch,{tags} value="{sketch.encode().decode()}" {window_ns}',
                f"transaction_rate_mean,{tags} value={count / WINDOW_S:.3f},count={count}i,passed={count - failed}i,failed={failed}i,"
                f'window_s={WINDOW_S}.0,label="{text}",kind="request",run={run}i {window_ns}',
            ]
            received += count
    stamp_ns = start_s * 1_000_000_000 + sum(node.encode())
    lines.append(f'ledger_sum,flood=shop received={received}i,aggregated={received}i,node="{node}",run={run}i {stamp_ns}')
    path.write_text("\n".join(lines) + "\n")
    return path
