"""Parts of the core beside crates that do the same; the program `micro` measures, in one process."""

import json
import subprocess

from support.figures import Figure


def _measure(bench, which):
    pairs, labels = bench.effort(full=(21, 50_000), quick=(7, 50_000), smoke=(2, 500))
    command = [bench.program("micro"), which, str(pairs), str(labels)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=1_200)
    if done.returncode != 0:
        raise RuntimeError(done.stderr)
    return [Figure(**json.loads(line)) for line in done.stdout.splitlines()]


def parse(bench):
    return _measure(bench, "parse")


def sketch(bench):
    return _measure(bench, "sketch")


def flush(bench):
    return _measure(bench, "flush")
