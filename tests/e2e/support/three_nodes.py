"""Three nodes of one flood that measure a label each in its own way."""

import contextlib

from support import sump
from support.collecting import collecting

# Node 0 is fast, node 1 slow and seldom asked, node 2 in between: means of their percentiles would be far off.
TIMES_MS = [[10 + n % 7 for n in range(900)], [5_000 + 10 * n for n in range(40)], [100 + n for n in range(300)]]


def measure(gridnode, drain_url, run="1", name=""):
    with contextlib.ExitStack() as stack:
        options = [{"node": f"node-{n}", "name": f"node-{n}{name}"} for n in range(3)]
        nodes = [stack.enter_context(collecting(gridnode, drain_url, "--run", run, **option)) for option in options]
        for node, times_ms in zip(nodes, TIMES_MS):
            with sump.Sender(node.port) as sender:
                source = sump.Source(sender)
                for time_ms in times_ms:
                    source.send(source.sample("checkout", time_ms))
                source.close()
        for node in nodes:
            node.stop()
