"""`python -m gridnode_selenium OPTIONS.json`: one run, one process."""

import os
import sys
import tempfile
from pathlib import Path

from . import exits
from .options import Options
from .report import Report
from .stop import Stop
from .sump import Sump

# Chromium makes sockets in its temporary directory, and the kernel takes paths of 107 bytes.
TEMPORARY_CHARS_MAX = 50


def main() -> int:
    """Returns the exit code."""
    if len(sys.argv) != 2:
        print("usage: python -m gridnode_selenium OPTIONS.json", file=sys.stderr)
        return 2
    report = Report(os.environ.get("GRIDNODE_REPORT_FILE"))
    options = Options.read(sys.argv[1])
    # Parameters may be secret, and nobody reads them again.
    Path(sys.argv[1]).unlink(missing_ok=True)
    stop = Stop(os.environ.get("GRIDNODE_STOP_FILE"))
    stop.handle_signals()
    missing = [path for path in (options.chromium, options.chromedriver) if not os.access(path, os.X_OK)]
    if missing:
        names = ", ".join(missing)
        report.fatal(f"{names} cannot be run: install the Debian packages chromium and chromium-driver")
        return exits.BROWSER
    if not options.sandbox:
        report.warning("browsers run without their sandbox, because this is root: run as another user to have it")
    short = _short_temporary()
    sump = Sump(os.environ)
    try:
        return _run(options, sump, report, stop)
    finally:
        sump.close()
        if short:
            short.unlink(missing_ok=True)


def _run(options: Options, sump: Sump, report: Report, stop: Stop) -> int:
    if options.kind == "java":
        from . import java_run

        return java_run.run(options, sump, report, stop)
    from . import python_run
    from .plan import Plan, PlanError

    try:
        plan = Plan.load(options.plan)
    except PlanError as error:
        report.fatal(str(error))
        return exits.PLAN
    return python_run.run(options, plan, sump, report, stop, os.environ)


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
    code = main()
    sys.stdout.flush()
    sys.stderr.flush()
    # A user that hangs in its driver must not hold up the end.
    os._exit(code)
