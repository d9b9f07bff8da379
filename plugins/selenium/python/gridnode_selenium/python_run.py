"""A run of a plan in Python: all users, from the first to the last."""

import shutil
import threading
import time
from pathlib import Path
from typing import List, Mapping, Optional, Tuple

from . import exits
from .options import Options
from .plan import Plan
from .report import Report
from .screenshots import Screenshots
from .stop import LOOK_S, Stop
from .sump import Sump
from .user import Shared, User, starts

# After the end of the duration, beyond the longest wait for a page.
LAST_PAGE_EXTRA_S = 15.0


def run(options: Options, plan: Plan, sump: Sump, report: Report, stop: Stop, environment: Mapping[str, str]) -> int:
    """Runs it to its end; returns the exit code."""
    per_label = int(environment.get("GRIDNODE_TRACES_PER_LABEL") or "5")
    shots = Screenshots(options.screenshots_dir, per_label)
    shared = Shared(options, plan, sump, report, stop, shots)
    users: List[Tuple[User, threading.Thread]] = []
    for number in range(options.users):
        user = User(number, shared)
        thread = threading.Thread(target=user.run, name=f"user-{number}", daemon=True)
        users.append((user, thread))
    _drive(options, users, stop)
    for profile in Path(options.temporary_dir).glob("profile-*"):
        shutil.rmtree(profile, ignore_errors=True)
    return _judge(shared, stop)


def _drive(options: Options, users: List[Tuple[User, threading.Thread]], stop: Stop) -> None:
    began = time.monotonic()
    due = starts(len(users), float(options.ramp_up_s))
    started = 0
    while True:
        elapsed = time.monotonic() - began
        stop.look()
        if options.duration_s is not None and elapsed >= options.duration_s:
            stop.finish()
            if elapsed >= options.duration_s + options.page_load_timeout_s + LAST_PAGE_EXTRA_S:
                stop.now()
        if stop.is_finishing:
            due = due[:started]
        while started < len(due) and elapsed >= due[started]:
            users[started][1].start()
            started += 1
        running = [user for user, thread in users[:started] if thread.is_alive()]
        if stop.is_now:
            for user in running:
                user.kill_browser()
        if started == len(due) and not running:
            return
        time.sleep(LOOK_S)


def _judge(shared: Shared, stop: Stop) -> int:
    report = shared.report
    if shared.replaced:
        report.warning(f"{shared.replaced} browsers died and were replaced in this run")
    if shared.screenshots.suppressed:
        report.info(f"{shared.screenshots.suppressed} further screenshots were not taken")
    if stop.asked:
        return exits.FINE
    users = shared.options.users
    if shared.gave_up == users:
        report.fatal(
            f"the browsers of all {users} users died or did not start, 3 times in a row each, so the run was given up; "
            f"most often memory is short, or the browser cannot start on this machine: {_first(shared.first_error)}"
        )
        return exits.CRASH_LOOP
    if shared.gave_up:
        report.warning(f"{shared.gave_up} of {users} users gave up: their browsers died 3 times in a row")
    if shared.iterations and shared.iterations == shared.failed_iterations and not shared.transactions:
        report.fatal(f"every iteration failed before its first transaction:\n{shared.first_error}")
        return exits.NO_TRANSACTION
    return exits.FINE


def _first(text: Optional[str]) -> str:
    return text or "no reason was given"
