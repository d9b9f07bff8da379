"""A run of a plan in Python: all users, from the first to the last."""

from typing import Any, Mapping, Optional

from . import exits
from .drive import drive, tell_late
from .early import early_text
from .options import Options
from .plan import Plan
from .report import Report
from .screenshots import Screenshots
from .stop import Stop
from .sump import Sump
from .user import Shared, User


def run(options: Options, plan: Plan, sump: Sump, report: Report, stop: Stop, environment: Mapping[str, str]) -> int:
    """Runs it to its end; returns the exit code."""
    def new_browser() -> Any:
        # Selenium is not needed before, nor where no user comes so far.
        from .browser import Browser

        return Browser(options, plan.arguments, plan.window_size, plan.insecure)

    per_label = int(environment.get("GRIDNODE_TRACES_PER_LABEL") or "5")
    shots = Screenshots(options.screenshots_dir, per_label)
    shared = Shared(options, plan, sump, report, stop, shots, new_browser)
    late = drive(options, [User(number, shared).run for number in range(options.users)], stop)
    return judge(shared, tell_late(late, report, stop))


def judge(shared: Shared, is_late: bool) -> int:
    """What is said of the run, and its exit code. `is_late`: users had to be ended by force."""
    report, stop = shared.report, shared.stop
    if shared.replaced:
        report.warning(f"{shared.replaced} browsers died and were replaced in this run")
    if shared.screenshots.suppressed:
        report.info(f"{shared.screenshots.suppressed} further screenshots were not taken")
    if shared.broken:
        report.fatal(shared.broken)
        return exits.BROKEN
    if stop.asked:
        return exits.FINE
    users = shared.options.users
    if shared.gave_up == users:
        report.fatal(
            f"the browsers of all {users} users died or did not start, 3 times in a row each, so the run was given up; "
            f"most often memory is short, or the browser cannot start on this machine: {_first(shared.first_error)}"
        )
        return exits.CRASH_LOOP
    if shared.early:
        report.cut_short(early_text(shared.early, shared.options))
    if not shared.iterations:
        why = shared.first_error or "setup or the start of the browsers took longer than the run"
        report.fatal(f"no user came to its first iteration:\n{why}")
        return exits.NO_TRANSACTION
    if shared.iterations == shared.failed_iterations and not shared.transactions:
        report.fatal(f"every iteration failed before its first transaction:\n{shared.first_error}")
        return exits.NO_TRANSACTION
    return exits.UNENDED if is_late else exits.FINE


def _first(text: Optional[str]) -> str:
    return text or "no reason was given"
