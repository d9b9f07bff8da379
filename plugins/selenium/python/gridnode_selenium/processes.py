"""Ends processes with everything below them: a driver that is killed leaves its browser behind."""

import os
import signal
import time
from typing import Dict, List

KILL_S = 1.0
AGAIN_S = 0.02


def descendants(root: int) -> List[int]:
    """All processes below `root` that run, parents first."""
    children: Dict[int, List[int]] = {}
    ended = set()
    for pid in _pids():
        try:
            with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
                # The name of a program may have spaces and parentheses in it.
                state, parent = file.read().rpartition(")")[2].split()[:2]
            children.setdefault(int(parent), []).append(pid)
        except (OSError, ValueError):
            continue
        if state in "ZX":
            ended.add(pid)
    found: List[int] = []
    waiting = [root]
    while waiting:
        below = children.get(waiting.pop(), [])
        found += below
        waiting += below
    return [pid for pid in found if pid not in ended]


def kill_tree(root: int) -> None:
    """SIGKILL to `root` and everything below it. For a process that nobody has waited for: its number is not yet another's."""
    _kill([*descendants(root), root])


def kill_below(root: int, wait_s: float = KILL_S) -> None:
    """SIGKILL to everything below `root`, until nothing is there: what is killed may just have made another one."""
    until = time.monotonic() + wait_s
    while True:
        found = descendants(root)
        _kill(found)
        if not found or time.monotonic() >= until:
            return
        time.sleep(AGAIN_S)


def kill_with_argument(argument: str) -> None:
    """SIGKILL to every process with this argument, and everything below it."""
    wanted = os.fsencode(argument)
    for pid in _pids():
        try:
            with open(f"/proc/{pid}/cmdline", "rb") as file:
                found = wanted in file.read().split(b"\0")
        except OSError:
            continue
        if found:
            kill_tree(pid)


def _pids() -> List[int]:
    return [int(name) for name in os.listdir("/proc") if name.isdigit()]


def _kill(pids: List[int]) -> None:
    for pid in pids:
        try:
            os.kill(pid, signal.SIGKILL)
        except OSError:
            # It has ended by itself.
            pass
