"""Users from the first to the last: started over the ramp-up, asked to finish in time, left behind where they will not."""

import faulthandler
import os
import sys
import threading
import time
from pathlib import Path
from typing import Callable, List, Sequence

from .options import Options
from .processes import kill_below
from .report import Report, say_to
from .stop import LOOK_S, Stop

# For what is under way when users are asked to finish: at least this, and a page may take its longest.
GRACE_S = 60.0
LAST_PAGE_EXTRA_S = 15.0
# For users to come to their end after `now`.
NOW_S = 0.7
# Beyond the grace, before a process that does not even run our threads is given up.
FROZEN_S = 60.0
NAMED_MAX = 10


def drive(options: Options, bodies: Sequence[Callable[[], None]], stop: Stop, kill_after_s: float = 0.0) -> List[str]:
    """Runs each user's body in a thread of its own. Returns where those were that had not finished when the grace was over.

    After `now`, what they wait for in their browsers is taken away `kill_after_s` later.
    """
    threads = [threading.Thread(target=body, name=f"user {n}", daemon=True) for n, body in enumerate(bodies)]
    grace_s = max(GRACE_S, options.page_load_timeout_s + LAST_PAGE_EXTRA_S)
    due = starts(len(threads), float(options.ramp_up_s))
    began_s = time.monotonic()
    finish_s = now_s = float("inf")
    started = 0
    late: List[str] = []
    if options.duration_s is not None:
        _give_up_after(options.duration_s + grace_s + FROZEN_S)
    while True:
        elapsed_s = time.monotonic() - began_s
        if options.duration_s is not None and elapsed_s >= options.duration_s and not stop.is_finishing:
            stop.finish()
        if stop.is_finishing:
            due = due[:started]
            stop.users_started = (started, len(threads))
            finish_s = min(finish_s, elapsed_s)
        while started < len(due) and elapsed_s >= due[started]:
            threads[started].start()
            started += 1
        running = [thread for thread in threads[:started] if thread.is_alive()]
        if started == len(due) and not running:
            return late
        if elapsed_s >= finish_s + grace_s and not stop.is_now:
            late = [f"{thread.name} {standing(thread, options.plan)}" for thread in running]
            stop.now()
        if stop.is_now:
            now_s = min(now_s, elapsed_s)
            if elapsed_s >= now_s + kill_after_s:
                kill_below(os.getpid(), 0.0)
            if elapsed_s >= now_s + kill_after_s + NOW_S:
                return late
        time.sleep(LOOK_S)


def tell_late(late: List[str], report: Report, stop: Stop) -> bool:
    """Says who did not start, and who did not finish; true where that makes the run no good."""
    started, users = stop.users_started
    if started < users and not stop.asked:
        report.cut_short(
            f"{started} of {users} users started: the others were due when the duration was over, which includes the ramp-up: "
            "make it longer, or the ramp-up shorter"
        )
    if not late:
        return False
    names = "; ".join(late[:NAMED_MAX]) + ("; …" if len(late) > NAMED_MAX else "")
    text = f"{len(late)} user(s) did not finish in time after the end, and were ended by force: {names}"
    (report.warning if stop.asked else report.fatal)(text)
    return not stop.asked


def starts(users: int, ramp_up_s: float) -> List[float]:
    """When each user starts, s from the beginning: evenly over the ramp-up."""
    return [ramp_up_s * i / users for i in range(users)]


def standing(thread: threading.Thread, plan: str) -> str:
    """Where a thread is: in which line of the plan, where it is called by one."""
    frame = sys._current_frames().get(thread.ident or 0)
    innermost = frame
    while frame is not None and frame.f_code.co_filename != plan:
        frame = frame.f_back
    found = frame or innermost
    if found is None:
        return "has just ended"
    return f"is in `{found.f_code.co_name}`, line {found.f_lineno} of {Path(found.f_code.co_filename).name}"


def _give_up_after(seconds: float) -> None:
    """A plan may keep all threads from running, in a regular expression for instance: C code then ends the process."""
    faulthandler.dump_traceback_later(seconds, exit=True, file=say_to())
