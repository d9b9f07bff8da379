"""A running `gridnode collect` and what it says at its end."""

import contextlib
import json

from support import ports


class Collect:
    """Port, process and, after `stop`, the receipts by flood."""

    def __init__(self, gridnode, drain, *args, node="node-1", window="1s", name=None, state_dir=None, **options):
        self.port = ports.free_udp()
        name = name or node
        self.state_dir = state_dir or gridnode.directory / f"state-{name}"
        self.process = gridnode.start(
            "collect", "--listen", f"127.0.0.1:{self.port}", "--drain", drain, "--window", window,
            "--node", node, "--state-dir", self.state_dir, *args, **options,
        )  # fmt: skip
        self.process.says("listening")

    def stop(self, code=0, seconds=90):
        """SIGTERM; everything is delivered then. Gives the receipts."""
        self.process.terminate(seconds)
        assert self.process.code == code, self.process
        return self.receipts()

    def shoot(self):
        """SIGKILL, as a crash."""
        self.process.signal(9)
        self.process.wait()

    def receipts(self):
        found = [json.loads(line) for line in self.process.out.splitlines() if line.startswith("{")]
        return {receipt["flood"]: receipt for receipt in found}


@contextlib.contextmanager
def collecting(gridnode, drain, *args, **options):
    running = Collect(gridnode, drain, *args, **options)
    try:
        yield running
    finally:
        running.process.kill_if_running()
