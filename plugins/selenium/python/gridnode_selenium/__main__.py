"""`python -m gridnode_selenium OPTIONS.json`: one run, one process."""

import os
import sys
import tempfile
from pathlib import Path

from . import exits
from .ending import Ending
from .options import Options
from .report import Report, say
from .stop import Stop
from .sump import Sump
from .texts import class_of, text_of, trace_of
from .traces import Traces

# Chromium makes sockets in its temporary directory, and the kernel takes paths of 107 bytes.
TEMPORARY_CHARS_MAX = 50


def main() -> None:
    """Does not return."""
    if len(sys.argv) != 2:
        print("usage: python -m gridnode_selenium OPTIONS.json", file=sys.stderr)
        sys.exit(2)
    report = Report(os.environ.get("GRIDNODE_REPORT_FILE"))
    stop = Stop(os.environ.get("GRIDNODE_STOP_FILE"))
    stop.handle_signals()
    ending = Ending(stop)
    ending.watch()
    try:
        code = _prepare_and_run(report, stop, ending)
    except BaseException as error:  # noqa: BLE001 - it must not vanish, nor leave browsers behind
        say(trace_of(error))
        report.fatal(f"the runner of browser tests failed: {class_of(error)}: {text_of(error)}")
        code = exits.BROKEN
    ending.end(code)


def _prepare_and_run(report: Report, stop: Stop, ending: Ending) -> int:
    options = Options.read(sys.argv[1])
    # Parameters may be secret, and nobody reads them again.
    Path(sys.argv[1]).unlink(missing_ok=True)
    missing = [path for path in (options.chromium, options.chromedriver) if not os.access(path, os.X_OK)]
    if missing:
        names = ", ".join(missing)
        report.fatal(f"{names} cannot be run: install the Debian packages chromium and chromium-driver")
        return exits.BROWSER
    if not options.sandbox:
        report.warning("browsers run without their sandbox, because this is root: run as another user to have it")
    ending.link = _short_temporary()
    ending.temporary_dir = Path(options.temporary_dir)
    ending.sump = Sump(os.environ, report)
    return _run(options, ending.sump, report, stop, ending)


def _run(options: Options, sump: Sump, report: Report, stop: Stop, ending: Ending) -> int:
    if options.kind == "java":
        from . import java_run

        ending.is_loading = False
        return java_run.run(options, sump, report, stop)
    from . import python_run
    from .plan import Plan, PlanError

    try:
        plan = Plan.load(options.plan)
    except PlanError as error:
        report.fatal(str(error))
        return exits.PLAN
    ending.is_loading = False
    # The plan may have set others.
    stop.handle_signals()
    ending.traces = Traces.start(os.environ, sump.source, report)
    return python_run.run(options, plan, sump, report, stop, os.environ, ending.traces)


def _short_temporary():
    """A short name for a long temporary directory."""
    directory = os.environ.get("TMPDIR") or ""
    if len(directory) <= TEMPORARY_CHARS_MAX:
        return None
    link = Path(tempfile.mktemp(prefix="gn-", dir="/tmp"))
    link.symlink_to(directory)
    os.environ["TMPDIR"] = str(link)
    tempfile.tempdir = None
    return link


if __name__ == "__main__":
    main()
