"""Processes of which one runs at a time, in turns of a fraction of a second.

A virtual machine's CPU may be a third slower from one minute to the next. Runs that take turns all see the same of that; runs that
come one after the other do not, and their difference is the machine's.
"""

import os
import select
import signal
import time

TURN_S = 0.3


def take_turns(processes, after_turn, seconds):
    """Until all have ended; they are not waited for. `after_turn` gets the place of the one whose turn is over. Raises when it takes longer."""
    until = time.monotonic() + seconds
    ends = [os.pidfd_open(process.child.pid) for process in processes]
    try:
        for process in processes:
            os.kill(process.child.pid, signal.SIGSTOP)
        left = list(range(len(processes)))
        while left:
            if time.monotonic() > until:
                raise RuntimeError(f"{processes[left[0]].command} runs for more than {seconds} s")
            for i in list(left):
                os.kill(processes[i].child.pid, signal.SIGCONT)
                if select.select([ends[i]], [], [], TURN_S)[0]:
                    left.remove(i)
                else:
                    os.kill(processes[i].child.pid, signal.SIGSTOP)
                after_turn(i)
    finally:
        for end in ends:
            os.close(end)
