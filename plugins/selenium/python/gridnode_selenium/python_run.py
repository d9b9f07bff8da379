"""A run of a plan in Python: all users, from the first to the last."""

import threading
from typing import Any, Mapping, Optional

from . import exits
from .capture import Capture
from .drive import drive, tell_late
from .early import early_text
from .options import Options
from .plan import Plan
from .report import Report
from .screenshots import Screenshots
from .stop import Stop
from .sump import Sump
from .traces import Traces
from .user import Shared, User

# A mistake of the script in one of so many iterations is a doubt; more, and the run is not what its plan says.
ITERATIONS_A_MISTAKE_MAX = 10
# How the runner's own threads are named.
OUR_THREADS = "gridnode-"


def run(
    options: Options,
    plan: Plan,
    sump: Sump,
    report: Report,
    stop: Stop,
    environment: Mapping[str, str],
    traces: Optional[Traces],
) -> int:
    """Runs it to its end; returns the exit code."""
    def new_browser() -> Any:
        # Selenium is not needed before, nor where no user comes so far.
        from .browser import Browser

        return Browser(options, plan.arguments, plan.window_size, plan.insecure)

    per_label = int(environment.get("GRIDNODE_TRACES_PER_LABEL") or "5")
    shots = Screenshots(options.screenshots_dir, per_label)
    shared = Shared(options, plan, sump, report, stop, Capture(traces, shots), new_browser)
    watch_threads(shared)
    late = drive(options, [User(number, shared).run for number in range(options.users)], stop)
    _tell_no_browser(shared)
    return judge(shared, tell_late(late, report, stop))


def judge(shared: Shared, is_late: bool) -> int:
    """What is said of the run, and its exit code. `is_late`: users had to be ended by force."""
    report, stop = shared.report, shared.stop
    _tell_browsers(shared)
    if shared.capture.screenshots.suppressed:
        report.info(f"{shared.capture.screenshots.suppressed} further screenshots were not taken")
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
    _tell_mistakes(shared)
    _tell_threads(shared)
    if shared.early:
        report.cut_short(early_text(shared.early, shared.options))
    if not shared.iterations:
        why = shared.first_error or "setup or the start of the browsers took longer than the run"
        report.fatal(f"no user came to its first iteration:\n{why}")
        return exits.NO_TRANSACTION
    if shared.ended_iterations and shared.ended_iterations == shared.failed_iterations and not shared.transactions:
        report.fatal(f"every iteration failed before its first transaction:\n{shared.first_error}")
        return exits.NO_TRANSACTION
    return exits.UNENDED if is_late else exits.FINE


def _tell_no_browser(shared: Shared) -> None:
    """Said first: a plan that waits for a browser that never came has done nothing wrong."""
    if shared.stop.asked or shared.browsers or not shared.browsers_asked or shared.gave_up == shared.options.users:
        return
    why = f": {shared.first_error}" if shared.first_error else ""
    shared.report.fatal(
        "no browser session ever started, so nothing of the plan was run: Chromium or its driver did not come up until the end of "
        f"the run{why}; see whether Chromium starts on this machine (`gridnode tools install selenium --force` tries it)"
    )


def watch_threads(shared: Shared) -> None:
    """Python shows what a thread of the script ended by, and goes on. A script that has a hook of its own deals with it itself."""
    before = threading.excepthook

    def ended(arguments: Any) -> None:
        thread, error = arguments.thread, arguments.exc_value
        is_ours = thread is not None and thread.name.startswith(OUR_THREADS)
        if is_ours or error is None or isinstance(error, SystemExit):
            before(arguments)
        else:
            shared.thread_ended(error)

    threading.excepthook = ended


def _tell_threads(shared: Shared) -> None:
    """As with iterations: what stood behind it was never done."""
    if shared.thread_mistakes:
        text = (
            f"{_threads(shared.thread_mistakes)} of the script ended by an error of the script itself, in {shared.ended_iterations} "
            f"iterations, so what stands behind it in them was not done; the first: {shared.first_thread_mistake}"
        )
        _say_mistakes(shared, shared.thread_mistakes, text)
    if shared.thread_errors:
        shared.report.doubt(
            f"{_threads(shared.thread_errors)} of the script ended by an error outside of any transaction, which no sample shows; the "
            f"first: {shared.first_thread_error}"
        )


def _threads(count: int) -> str:
    return "1 thread" if count == 1 else f"{count} threads"


def _tell_mistakes(shared: Shared) -> None:
    """The rest of such an iteration was never done."""
    if not shared.mistakes:
        return
    which = f"{shared.mistakes} of {shared.ended_iterations} iterations"
    text = f"{which} ended by an error of the script itself, so what stands behind it was not done; the first: {shared.first_mistake}"
    _say_mistakes(shared, shared.mistakes, text)


def _say_mistakes(shared: Shared, count: int, text: str) -> None:
    """Where it is so with one in ten, the run is not what its plan says."""
    is_much = count * ITERATIONS_A_MISTAKE_MAX >= shared.ended_iterations
    (shared.report.cut_short if is_much else shared.report.doubt)(text)


def _tell_browsers(shared: Shared) -> None:
    """Whose iteration died with its browser has not done the rest of it; where it was so with all, there was no run."""
    # Of a run that was stopped there are no doubts; how many died is worth a word all the same.
    stopped = shared.stop.asked
    doubt = shared.report.warning if stopped else shared.report.doubt
    if shared.died:
        text = (
            f"{_browsers(shared.died)} died and {_were(shared.died)} replaced, so the rest of {_iterations(shared.died)} of "
            f"{shared.ended_iterations} was not done; most often memory is short; the first: {_first(shared.first_death)}"
        )
        is_all = shared.died >= shared.ended_iterations and not stopped
        (shared.report.cut_short if is_all else doubt)(text)
    if shared.unstarted:
        doubt(f"{_browsers(shared.unstarted)} did not start and {_were(shared.unstarted)} replaced: {_first(shared.first_error)}")
    if shared.ended_by_script:
        doubt(
            f"the script itself ended its browser ({shared.ended_by}) in {_iterations(shared.ended_by_script)}, although "
            "a user was to keep it, and got another one each time: leave that call out, or set PROFILE = \"fresh\""
        )


def _browsers(count: int) -> str:
    return "1 browser" if count == 1 else f"{count} browsers"


def _were(count: int) -> str:
    return "was" if count == 1 else "were"


def _iterations(count: int) -> str:
    return "1 iteration" if count == 1 else f"{count} iterations"


def _first(text: Optional[str]) -> str:
    return text or "no reason was given"
