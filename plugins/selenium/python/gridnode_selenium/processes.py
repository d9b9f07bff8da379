"""Ends processes with everything below them: a driver that is killed leaves its browser behind."""

import os
import signal
from typing import Dict, List


def descendants(root: int) -> List[int]:
    """All processes below `root`, parents first."""
    children: Dict[int, List[int]] = {}
    for name in os.listdir("/proc"):
        if not name.isdigit():
            continue
        try:
            with open(f"/proc/{name}/stat", encoding="utf-8", errors="replace") as file:
                # The name of a program may have spaces and parentheses in it.
                parent = int(file.read().rpartition(")")[2].split()[1])
        except (OSError, ValueError, IndexError):
            continue
        children.setdefault(parent, []).append(int(name))
    found: List[int] = []
    waiting = [root]
    while waiting:
        below = children.get(waiting.pop(), [])
        found += below
        waiting += below
    return found


def kill_tree(root: int) -> None:
    """SIGKILL to `root` and everything below it."""
    for pid in [*descendants(root), root]:
        try:
            os.kill(pid, signal.SIGKILL)
        except OSError:
            # It has ended by itself.
            pass
